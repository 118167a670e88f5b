// touch.h: how do all threads help to bring the memory of a vector that one of them fills?
//
// A page of new memory is found and cleared by the system when it is first written to. That takes longer than to set the
// page to zero once more, and a vector that grows is set to zero by one thread while all others wait for it.
#pragma once

#include <cstddef>

namespace tessera {

// Asks the system for the pages of memory that will be written to. What is there stays as it is; where the system does
// not know the request nothing happens. Parallel; of little memory it does nothing.
void touch(void* memory, size_t bytes);

// As vector.resize(), of a vector of many elements.
template <class Vector>
void grow_touched(Vector& vector, size_t size) {
  if (size <= vector.size()) return vector.resize(size);
  vector.reserve(size);
  touch(vector.data() + vector.size(), (size - vector.size()) * sizeof *vector.data());
  vector.resize(size);
}

}  // namespace tessera
