"""Texts that several rules name."""

RESULT = "result"
NO_METHOD = "-32601 method not found"
BAD_PARAMS = "-32602 invalid params"
NAMED = "-32602 Named params are not supported for this method"
BAD_REQUEST = "-32600 invalid request"
FU_REQUEST = "-32600 Invalid request"
NOT_2_0 = '-32600 "jsonrpc" is not "2.0"'
PARSE = "-32700 parse error"
FU_PARSE = "-32700 Failed to parse Json from string"
FL_PARSE = "-32700 Parse error. Invalid JSON was received by the server."
INTERNAL = "-32000 Internal JSON-RPC error."
FU_BAD_ID = '-32600 Error parsing JSON key "id": Expected a string, a non-fractional number, or null'
NO_DICTIONARY = "-32600 request object must be a dictionary"
