"""The nouns everybody shares, as frozen values, with no logic beyond their own consistency."""
