/// A vector whose room is part of the object: no heap, a bound that the type states.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace ferraris {

template <class T, std::size_t N>
class FixedVector {
public:
    constexpr FixedVector() = default;

    [[nodiscard]] static constexpr std::size_t capacity() { return N; }
    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
    [[nodiscard]] constexpr bool full() const { return size_ == N; }

    /// False, and nothing changed, when there is no room.
    [[nodiscard]] constexpr bool push_back(const T& value) {
        if (full()) return false;
        items_[size_++] = value;
        return true;
    }
    /// Takes over `values`; false, and nothing changed, when they do not fit.
    [[nodiscard]] constexpr bool assign(std::span<const T> values) {
        if (values.size() > N) return false;
        size_ = 0;
        return append(values);
    }
    [[nodiscard]] constexpr bool append(std::span<const T> values) {
        if (values.size() > N - size_) return false;
        for (const T& value : values) items_[size_++] = value;
        return true;
    }
    /// False, and nothing changed, when `size` is more than the capacity.
    [[nodiscard]] constexpr bool resize(std::size_t size) {
        if (size > N) return false;
        for (std::size_t i = size_; i < size; ++i) items_[i] = T{};
        size_ = size;
        return true;
    }
    constexpr void clear() { size_ = 0; }
    constexpr void pop_back() { --size_; }
    constexpr void erase(std::size_t index) {
        for (std::size_t i = index + 1; i < size_; ++i) items_[i - 1] = items_[i];
        --size_;
    }

    [[nodiscard]] constexpr T& operator[](std::size_t i) { return items_[i]; }
    [[nodiscard]] constexpr const T& operator[](std::size_t i) const { return items_[i]; }
    [[nodiscard]] constexpr T& back() { return items_[size_ - 1]; }
    [[nodiscard]] constexpr const T& back() const { return items_[size_ - 1]; }
    [[nodiscard]] constexpr T* begin() { return items_.data(); }
    [[nodiscard]] constexpr T* end() { return items_.data() + size_; }
    [[nodiscard]] constexpr const T* begin() const { return items_.data(); }
    [[nodiscard]] constexpr const T* end() const { return items_.data() + size_; }
    [[nodiscard]] constexpr std::span<const T> view() const { return {items_.data(), size_}; }
    [[nodiscard]] constexpr std::span<T> view() { return {items_.data(), size_}; }

private:
    std::array<T, N> items_{};
    std::size_t size_{0};
};

}  // namespace ferraris
