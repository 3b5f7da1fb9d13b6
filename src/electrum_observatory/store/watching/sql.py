"""A watch as SQL: an in-memory DuckDB whose views show sealed pieces and the live database as one (extra ``analysis``).

Every view has a column ``piece``: references to histograms and texts hold within a piece, so joins name it too. Columns
that older files lack are null (``union_by_name``). DuckDB writes nothing and takes no lock; the live facts are those of
the moment of opening.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from electrum_observatory.model.errors import UsageError
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.piece_schemas import SCHEMAS
from electrum_observatory.store.watching.piece_writing import tables_of
from electrum_observatory.store.watching.source import WatchReader

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LIVE = "live"
"""What the piece of the live database is called."""
_SPELLS = pa.schema([("why", pa.string()), ("from_us", pa.int64()), ("to_us", pa.int64()), ("step_us", pa.int64())])


def open_sql(reader: WatchReader, watch_id: str) -> "DuckDBPyConnection":
    """Return a connection with the views rounds, readings, news, histograms, texts and spells of one watch.

    Raises:
        UsageError: The watch is unknown, or DuckDB is not installed.
        StoreError: The folder cannot be read.
    """
    if find_spec("duckdb") is None:
        raise UsageError("SQL needs a library: pip install 'electrum-observatory[analysis]'")
    import duckdb

    facts, sealed = reader.live_facts(watch_id)
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET autoinstall_known_extensions = false")  # nothing is fetched from anywhere
    folder = reader.data_dir / pieces.FOLDER
    for name, rows in tables_of(facts).items():
        paths = [str(folder / path) for piece in sealed if (path := piece.path(name)) is not None]
        live = rows.append_column("piece", pa.array([LIVE] * len(rows), pa.string()))
        connection.register(f"live_{name}", live)
        connection.execute(_view(name, paths))
    found = [(one.why.value, one.from_us, one.to_us, one.step_us) for one in reader.spells(watch_id)]
    columns = zip(*found, strict=True) if found else ((),) * len(_SPELLS)
    spells = pa.Table.from_arrays(
        [pa.array(one, kind.type) for one, kind in zip(columns, _SPELLS, strict=True)], schema=_SPELLS
    )
    connection.register("spells", spells)
    return connection


def selected(connection: "DuckDBPyConnection", statement: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the names of the columns and the rows. Raises UsageError with DuckDB's words where it is no query."""
    import duckdb

    try:
        found = connection.sql(statement)
        if found is None:
            raise UsageError("the statement selects nothing")
        rows = found.to_arrow_table()  # DuckDB's own rows need pytz for moments
        columns = [column.to_pylist() for column in rows.columns]
        return rows.column_names, list(zip(*columns, strict=True))
    except duckdb.Error as error:
        raise UsageError(str(error)) from error
    finally:
        connection.close()


def _view(name: str, paths: list[str]) -> str:
    columns = ", ".join(f'"{column}"' for column in (*SCHEMAS[name].names, "piece"))
    live = f"SELECT {columns} FROM live_{name}"  # noqa: S608 (our own names)
    if not paths:
        return f"CREATE VIEW {name} AS {live}"
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    known = f"SELECT * FROM live_{name} WHERE false"  # noqa: S608  so that columns no file has are there
    piece = r"regexp_extract(filename, '(day|month)=[0-9-]+') || regexp_extract(filename, '\.[0-9]+\.parquet$')"
    files = f"SELECT * EXCLUDE (filename), {piece} AS piece FROM read_parquet([{listed}], union_by_name=true, filename=true, hive_partitioning=false)"  # noqa: S608, E501
    return f"CREATE VIEW {name} AS {live} UNION ALL SELECT {columns} FROM ({known} UNION ALL BY NAME {files})"  # noqa: S608
