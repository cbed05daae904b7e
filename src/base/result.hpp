/// Errors are values: `Result<T, E>` holds what was asked for or an enumerator that says what was wrong.
#pragma once

#include <tl/expected.hpp>

namespace ferraris {

template <class T, class E>
using Result = tl::expected<T, E>;

/// `return Error(ParseError::truncated);`
template <class E>
[[nodiscard]] constexpr tl::unexpected<E> Error(E error) {
    return tl::unexpected<E>(error);
}

}  // namespace ferraris
