"""Connected components beside SciPy on the same edges, in one run. components.py BINARY [RECORDS EDGES SPREAD]

Count and checksum of the components are compared first. SciPy is timed without the building of its matrix from the
edges (the second figure has it), which it cannot do without.
"""
import subprocess
import sys
import time

import numpy
import scipy.sparse
import scipy.sparse.csgraph

binary = sys.argv[1]
records, edges, spread = map(int, sys.argv[2:5]) if len(sys.argv) > 4 else (5_000_000, 10_000_000, 0)

x = (numpy.arange(1, edges + 1, dtype=numpy.uint64)) * numpy.uint64(0x9e3779b97f4a7c15)
x = (x ^ x >> numpy.uint64(30)) * numpy.uint64(0xbf58476d1ce4e5b9)
x = (x ^ x >> numpy.uint64(27)) * numpy.uint64(0x94d049bb133111eb)
x ^= x >> numpy.uint64(31)
left = (x >> numpy.uint64(32)) * numpy.uint64(records) >> numpy.uint64(32)
other = x & numpy.uint64(0xffffffff)
if spread:
    right = (left + other % numpy.uint64(spread)) % numpy.uint64(records)
else:
    right = other * numpy.uint64(records) >> numpy.uint64(32)
del x, other

start = time.perf_counter()
matrix = scipy.sparse.coo_matrix((numpy.ones(edges, dtype=numpy.int8), (left.astype(numpy.int32), right.astype(numpy.int32))),
                                 shape=(records, records)).tocsr()
built = time.perf_counter()
count, labels = scipy.sparse.csgraph.connected_components(matrix, directed=False)
done = time.perf_counter()
first = numpy.full(count, records, dtype=numpy.uint64)
numpy.minimum.at(first, labels, numpy.arange(records, dtype=numpy.uint64))
checksum = int(numpy.sum((numpy.arange(1, records + 1, dtype=numpy.uint64)) * first[labels], dtype=numpy.uint64))

ours = [line.split() for line in subprocess.run([binary, str(records), str(edges), str(spread), "5"], check=True,
                                                stdout=subprocess.PIPE, text=True).stdout.splitlines()]
for line in ours:
    if line[0] == "components" and (int(line[1]), int(line[3])) != (count, checksum):
        sys.exit("the components differ")
seconds = sorted(float(line[5]) for line in ours if line[0] == "components")[2]
print(f"{records:,} records, {edges:,} edges: SciPy {done - built:.2f} s, with its matrix {done - start:.2f} s; "
      f"Tessera {seconds:.3f} s, {edges / seconds / 1e6:.0f} M edges/s: {(done - built) / seconds:.1f} times, "
      f"{(done - start) / seconds:.1f} with the matrix")
for line in ours:
    if line[0] != "components":
        print(" ".join(line))
