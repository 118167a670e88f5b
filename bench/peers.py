"""The same linkages by other tools: DuckDB and Polars, as a skilled user would write them.

    python bench/peers.py TOOL WORK FOLDER OUT [--memory SIZE]

TOOL is duckdb, duckdb-passes or polars; WORK is ranks (eight ranks, hospital rows to deaths),
ranks-csv or register (NHS number with full or partial date of birth). Writes the links (from_id,
to_id, rank) to OUT as Parquet and prints one line of JSON: seconds, rows by rank.

The peers compare values as they stand: no check digits, no placeholders. Postcodes and dates of
the small side are brought to the layout of the large side once.
"""
import argparse
import json
import time

PARTIAL = """(CAST(substr(h.DOB,1,2) = substr(d.dob,1,2) AS INT) + CAST(substr(h.DOB,3,2) = substr(d.dob,3,2) AS INT)
  + CAST(substr(h.DOB,5,4) = substr(d.dob,5,4) AS INT) >= 2
  OR (substr(h.DOB,5,4) = substr(d.dob,5,4) AND substr(h.DOB,1,2) = substr(d.dob,3,2) AND substr(h.DOB,3,2) = substr(d.dob,1,2)))"""

DEATHS = """SELECT DEATH_ID, DEC_CONF_NHS_NUMBER AS nhs, SEX AS sex, substr(DOB,9,2) || substr(DOB,6,2) || substr(DOB,1,4) AS dob,
  rpad(split_part(POSTCODE,' ',1),4,' ') || ' ' || split_part(POSTCODE,' ',2) AS pc FROM {deaths}"""

CANDIDATES = f"""
  SELECT h.HES_ID AS id, d.DEATH_ID AS to_id,
    CASE WHEN h.SEX = d.sex AND h.DOB = d.dob AND h.HOMEADD = d.pc THEN 1 WHEN h.SEX = d.sex AND h.DOB = d.dob THEN 2
         WHEN h.SEX = d.sex AND {PARTIAL} AND h.HOMEADD = d.pc THEN 3 WHEN h.SEX = d.sex AND {PARTIAL} THEN 4
         WHEN h.HOMEADD = d.pc THEN 5 ELSE 8 END AS rank
  FROM hes h JOIN deaths d ON h.NEWNHSNO = d.nhs
  UNION ALL
  SELECT h.HES_ID, d.DEATH_ID, CASE WHEN substr(d.pc,1,4) <> 'ZZ99' THEN 6 ELSE 7 END
  FROM hes h JOIN deaths d ON h.DOB = d.dob AND h.SEX = d.sex AND h.HOMEADD = d.pc
  WHERE (h.NEWNHSNO IS NULL OR d.nhs IS NULL) AND substr(d.dob,1,4) <> '0101'"""

RANKS = f"""COPY (
  WITH c AS ({CANDIDATES}), best AS (SELECT id, min(rank) AS rank FROM c GROUP BY id)
  SELECT c.id AS from_id, min(c.to_id) AS to_id, c.rank FROM c JOIN best USING (id, rank)
  GROUP BY c.id, c.rank HAVING count(*) = 1) TO '{{out}}' (FORMAT parquet, COMPRESSION zstd)"""

PASSES = [
    (1, "h.NEWNHSNO = d.nhs AND h.SEX = d.sex AND h.DOB = d.dob AND h.HOMEADD = d.pc"),
    (2, "h.NEWNHSNO = d.nhs AND h.SEX = d.sex AND h.DOB = d.dob"),
    (3, f"h.NEWNHSNO = d.nhs AND h.SEX = d.sex AND h.HOMEADD = d.pc AND {PARTIAL}"),
    (4, f"h.NEWNHSNO = d.nhs AND h.SEX = d.sex AND {PARTIAL}"),
    (5, "h.NEWNHSNO = d.nhs AND h.HOMEADD = d.pc"),
    (6, "h.SEX = d.sex AND h.DOB = d.dob AND h.HOMEADD = d.pc AND (h.NEWNHSNO IS NULL OR d.nhs IS NULL OR h.NEWNHSNO = d.nhs)"
        " AND substr(d.dob,1,4) <> '0101' AND substr(d.pc,1,4) <> 'ZZ99'"),
    (7, "h.SEX = d.sex AND h.DOB = d.dob AND h.HOMEADD = d.pc AND (h.NEWNHSNO IS NULL OR d.nhs IS NULL OR h.NEWNHSNO = d.nhs)"
        " AND substr(d.dob,1,4) <> '0101'"),
    (8, "h.NEWNHSNO = d.nhs"),
]


def connect(memory, folder):
    import duckdb

    db = duckdb.connect()
    db.execute("SET threads = 2")
    db.execute("SET preserve_insertion_order = false")
    db.execute(f"SET temp_directory = '{folder}/duckdb-spill'")
    if memory:
        db.execute(f"SET memory_limit = '{memory}'")
    return db


def sources(work, folder):
    if work == "ranks-csv":
        types = "{'NEWNHSNO':'VARCHAR','DOB':'VARCHAR','SEX':'VARCHAR','HOMEADD':'VARCHAR'}"
        return (f"read_csv('{folder}/hes_*.csv', types={types})",
                f"read_csv('{folder}/deaths.csv', all_varchar=true)")
    return f"read_parquet('{folder}/hes_*.parquet')", f"read_parquet('{folder}/deaths.parquet')"


def duckdb_ranks(work, folder, out, memory):
    db = connect(memory, folder)
    hes, deaths = sources(work, folder)
    db.execute(f"CREATE VIEW hes AS SELECT HES_ID, NEWNHSNO, DOB, SEX, HOMEADD FROM {hes}")
    db.execute(f"CREATE TABLE deaths AS {DEATHS.format(deaths=deaths)}")
    db.execute(RANKS.format(out=out))


def duckdb_passes(work, folder, out, memory):
    db = connect(memory, folder)
    hes, deaths = sources(work, folder)
    db.execute(f"CREATE TABLE hes AS SELECT HES_ID, NEWNHSNO, DOB, SEX, HOMEADD FROM {hes}")
    db.execute(f"CREATE TABLE deaths AS {DEATHS.format(deaths=deaths)}")
    db.execute("CREATE TABLE links (id BIGINT, to_id BIGINT, rank INT, n BIGINT)")
    for rank, condition in PASSES:
        db.execute(f"""INSERT INTO links SELECT h.HES_ID, min(d.DEATH_ID), {rank}, count(*) FROM hes h JOIN deaths d
                       ON {condition} WHERE h.HES_ID NOT IN (SELECT id FROM links) GROUP BY h.HES_ID""")
    db.execute(f"""COPY (SELECT id AS from_id, to_id, rank FROM links WHERE n = 1) TO '{out}'
                   (FORMAT parquet, COMPRESSION zstd)""")


def duckdb_register(work, folder, out, memory):
    db = connect(memory, folder)
    hes, _ = sources(work, folder)
    db.execute(f"CREATE VIEW hes AS SELECT HES_ID, NEWNHSNO, DOB FROM {hes}")
    db.execute(f"""CREATE VIEW d AS SELECT PDS_ID, NHS_NO AS nhs,
      substr(DATE_OF_BIRTH,7,2) || substr(DATE_OF_BIRTH,5,2) || substr(DATE_OF_BIRTH,1,4) AS dob
      FROM read_parquet('{folder}/pds.parquet')""")
    db.execute(f"""COPY (SELECT h.HES_ID AS from_id, d.PDS_ID AS to_id, CASE WHEN h.DOB = d.dob THEN 1 ELSE 2 END AS rank
      FROM hes h JOIN d ON h.NEWNHSNO = d.nhs WHERE h.DOB = d.dob OR {PARTIAL}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)""")


def polars_ranks(work, folder, out, _memory):
    import polars as pl

    text = {"NEWNHSNO": pl.String, "DOB": pl.String, "SEX": pl.String, "HOMEADD": pl.String}
    if work == "ranks-csv":
        hes = pl.scan_csv(f"{folder}/hes_*.csv", schema_overrides=text)
        deaths = pl.scan_csv(f"{folder}/deaths.csv", infer_schema=False).with_columns(pl.col("DEATH_ID").cast(pl.Int64))
    else:
        hes = pl.scan_parquet(f"{folder}/hes_*.parquet")
        deaths = pl.scan_parquet(f"{folder}/deaths.parquet")
    hes = hes.select("HES_ID", "NEWNHSNO", "DOB", "SEX", "HOMEADD")
    c = pl.col
    deaths = deaths.select(
        "DEATH_ID", nhs="DEC_CONF_NHS_NUMBER", sex="SEX",
        dob=c("DOB").str.slice(8, 2) + c("DOB").str.slice(5, 2) + c("DOB").str.slice(0, 4),
        pc=c("POSTCODE").str.split(" ").list.get(0).str.pad_end(4, " ") + " " + c("POSTCODE").str.split(" ").list.get(1))

    def part(column, at, length):
        return c(column).str.slice(at, length)

    day, month, year = (part("DOB", a, n) == part("dob", a, n) for a, n in ((0, 2), (2, 2), (4, 4)))
    swapped = year & (part("DOB", 0, 2) == part("dob", 2, 2)) & (part("DOB", 2, 2) == part("dob", 0, 2))
    partial = (day.cast(pl.Int8) + month.cast(pl.Int8) + year.cast(pl.Int8) >= 2) | swapped
    sex, dob, pc = c("SEX") == c("sex"), c("DOB") == c("dob"), c("HOMEADD") == c("pc")
    first = hes.join(deaths, left_on="NEWNHSNO", right_on="nhs").select(
        "HES_ID", "DEATH_ID",
        rank=pl.when(sex & dob & pc).then(1).when(sex & dob).then(2).when(sex & partial & pc).then(3)
        .when(sex & partial).then(4).when(pc).then(5).otherwise(8))
    second = hes.join(deaths, left_on=["DOB", "SEX", "HOMEADD"], right_on=["dob", "sex", "pc"]).filter(
        (c("NEWNHSNO").is_null() | c("nhs").is_null()) & (c("DOB").str.slice(0, 4) != "0101")).select(
        "HES_ID", "DEATH_ID", rank=pl.when(c("HOMEADD").str.slice(0, 4) != "ZZ99").then(6).otherwise(7))
    links = pl.concat([first, second]).group_by("HES_ID").agg(
        rank=c("rank").min(), to_id=c("DEATH_ID").filter(c("rank") == c("rank").min()).first(),
        n=(c("rank") == c("rank").min()).sum()).filter(c("n") == 1).select(from_id="HES_ID", to_id="to_id", rank="rank")
    links.sink_parquet(out, compression="zstd")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool", choices=["duckdb", "duckdb-passes", "polars"])
    parser.add_argument("work", choices=["ranks", "ranks-csv", "register"])
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--memory")
    a = parser.parse_args()
    do = {"duckdb": duckdb_register if a.work == "register" else duckdb_ranks, "duckdb-passes": duckdb_passes,
          "polars": polars_ranks}[a.tool]
    start = time.monotonic()
    do(a.work, a.folder, a.out, a.memory)
    print(json.dumps({"seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main()
