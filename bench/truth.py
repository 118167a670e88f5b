"""How right are links and clusters? Counts against the truth, by DuckDB over files.

    python bench/truth.py edges EDGES TRUTH_FROM TRUTH_TO THRESHOLD     one input: TRUTH_TO is -
    python bench/truth.py clusters CLUSTERS TRUTH

A truth is a Parquet file of an id and PERSON, the columns in this order. Prints one line of JSON. It is a process of
its own so that its memory does not count as that of the commands that its parent times.
"""
import json
import sys

import duckdb


def scores(right, found, true):
    precision, recall = right / found if found else 0.0, right / true if true else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"found": found, "right": right, "true": true, "precision": precision, "recall": recall, "f1": f1}


def truth(db, name, path):
    """A table of (id text, person)."""
    columns = [row[0] for row in db.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]
    db.execute(f"CREATE TABLE {name} AS SELECT \"{columns[0]}\"::VARCHAR AS id, \"{columns[1]}\" AS person FROM '{path}'")


def one(db, query):
    return int(db.execute(query).fetchone()[0] or 0)


def edges(path, truth_from, truth_to, threshold):
    """Pairs of at least that probability; a file without the column has links only."""
    db = duckdb.connect()
    truth(db, "l", truth_from)
    truth(db, "r", truth_from if truth_to == "-" else truth_to)
    columns = {row[0] for row in db.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()}
    where = f"WHERE probability >= {threshold}" if "probability" in columns else ""
    db.execute(f"CREATE TABLE e AS SELECT from_id::VARCHAR AS a, to_id::VARCHAR AS b FROM '{path}' {where}")
    found = one(db, "SELECT count(*) FROM e")
    right = one(db, "SELECT count(*) FROM e JOIN l ON e.a = l.id JOIN r ON e.b = r.id WHERE l.person = r.person")
    if truth_to == "-":
        true = one(db, "SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM l GROUP BY person)")
    else:
        true = one(db, "SELECT count(*) FROM l JOIN r USING (person)")
    return scores(right, found, true)


def clusters(path, truth_path):
    """Pairs of records that share a cluster, against pairs that share a person."""
    db = duckdb.connect()
    truth(db, "t", truth_path)
    db.execute(f"""CREATE TABLE c AS SELECT t.id, person, coalesce(cluster_id::VARCHAR, 'alone ' || t.id) AS cluster
                   FROM t LEFT JOIN (SELECT id::VARCHAR AS id, cluster_id FROM '{path}') USING (id)""")
    pairs = "SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM c GROUP BY {})"
    return scores(*(one(db, pairs.format(by)) for by in ("cluster, person", "cluster", "person")))


if __name__ == "__main__":
    work = {"edges": lambda a: edges(a[0], a[1], a[2], float(a[3])), "clusters": lambda a: clusters(*a)}[sys.argv[1]]
    print(json.dumps(work(sys.argv[2:])))
