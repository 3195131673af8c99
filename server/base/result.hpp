// Expected failures are values. The message id reaches people (texts in templates/text/), the detail reaches the log
// only.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace madoguchi {

enum class ErrorKind { invalid, unauthenticated, forbidden, not_found, conflict, too_many, unavailable, internal };

/// One bad field: its name as the caller sent it, and the rule it breaks.
struct FieldError {
    std::string field;
    std::string message_id;
    std::map<std::string, std::string> values = {};
};

struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message_id = "internal";
    std::string detail = {};
    std::vector<FieldError> fields = {};
    std::optional<std::chrono::seconds> retry_after = std::nullopt;
    std::map<std::string, std::string> values = {};
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> failure(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

inline tl::unexpected<Error> failure(ErrorKind kind, std::string message_id, std::string detail = {}) {
    return failure(Error{.kind = kind, .message_id = std::move(message_id), .detail = std::move(detail)});
}

/// A single bad field; several are collected by FieldErrors in base/field_errors.hpp.
inline tl::unexpected<Error> invalid_field(std::string field, std::string message_id,
                                           std::map<std::string, std::string> values = {}) {
    return failure(Error{.kind = ErrorKind::invalid,
                         .message_id = "invalid_fields",
                         .fields = {{std::move(field), std::move(message_id), std::move(values)}}});
}

namespace detail {
template <class T>
T take(tl::expected<T, Error>& result) {
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}
}  // namespace detail

}  // namespace madoguchi

// Evaluates to the value, or returns the error from the function it stands in.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define TRY(...)                                                        \
    __extension__({                                                     \
        auto try_result = (__VA_ARGS__);                                \
        if (!try_result) {                                              \
            return ::madoguchi::failure(std::move(try_result.error())); \
        }                                                               \
        ::madoguchi::detail::take(try_result);                          \
    })
