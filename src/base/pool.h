// pool.h: where does a used buffer wait for its next use?
//
// Memory touched for the first time is far slower than memory touched again, so
// chunks that append() has emptied go back to prepare().
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace tessera {

// Thread-safe. Holds no more objects than were ever in use at one time.
template <class T>
class Pool {
 public:
  // One that was given back, as it was, or a new one.
  std::unique_ptr<T> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<T> one = std::move(free_.back());
        free_.pop_back();
        return one;
      }
    }
    return std::make_unique<T>();
  }
  void give(std::unique_ptr<T> one) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(one));
  }

 private:
  std::mutex mutex_;  // taken once a chunk
  std::vector<std::unique_ptr<T>> free_;
};

// For vectors whose new elements are not set to zero, as each is written anyway.
template <class T>
struct UnsetAllocator : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = UnsetAllocator<U>;
  };
  template <class U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
};
template <class T>
using UnsetVector = std::vector<T, UnsetAllocator<T>>;

// Characters that only grow, and are not zeroed.
class CharBuffer {
 public:
  // Room for `more` characters at end(); the pointer is good until the next call.
  char* room(size_t more) {
    if (size_ + more > capacity_) grow(size_ + more);
    return data_.get() + size_;
  }
  void set_end(const char* end) { size_ = static_cast<size_t>(end - data_.get()); }
  [[nodiscard]] const char* data() const { return data_.get(); }
  [[nodiscard]] size_t size() const { return size_; }
  void clear() { size_ = 0; }

 private:
  void grow(size_t least) {
    const size_t capacity = least + least / 2 + 4096;
    auto data = std::make_unique_for_overwrite<char[]>(capacity);
    std::copy_n(data_.get(), size_, data.get());
    data_ = std::move(data);
    capacity_ = capacity;
  }
  std::unique_ptr<char[]> data_;
  size_t size_ = 0, capacity_ = 0;
};

}  // namespace tessera
