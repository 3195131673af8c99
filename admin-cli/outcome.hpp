// Expected failures are values here as they are in the server; the two programs share no code.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>
#include <vector>

#include "admin-cli/exit_code.hpp"

namespace madoguchi::admin_cli {

/// One refused field, as the server names it.
struct FieldProblem {
    std::string field;
    std::string rule;
    std::string message;
};

/// Everything a person needs: what went wrong, which fields, what to do, and the id that finds it in the server's log.
struct Failure {
    ExitCode code = ExitCode::failed;
    std::string message = {};
    std::string advice = {};
    std::vector<FieldProblem> fields = {};
    std::string request_id = {};
    int http_status = 0;          // 0: no answer of the server is behind it
    std::string problem_id = {};  // the last part of the problem's type, e.g. "first_sign_in_required"
    std::string usage_of = {};    // command whose --help is worth pointing to
};

template <class T>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(Failure failure) {
    return tl::unexpected<Failure>(std::move(failure));
}

inline tl::unexpected<Failure> fail(ExitCode code, std::string message, std::string advice = {}) {
    return fail(Failure{.code = code, .message = std::move(message), .advice = std::move(advice)});
}

namespace detail {
template <class T>
T take(tl::expected<T, Failure>& outcome) {
    if constexpr (!std::is_void_v<T>) {
        return std::move(*outcome);
    }
}
}  // namespace detail

}  // namespace madoguchi::admin_cli

// Evaluates to the value, or returns the failure from the function it stands in.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define CLI_TRY(...)                                                         \
    __extension__({                                                          \
        auto attempt = (__VA_ARGS__);                                        \
        if (!attempt) {                                                      \
            return ::madoguchi::admin_cli::fail(std::move(attempt.error())); \
        }                                                                    \
        ::madoguchi::admin_cli::detail::take(attempt);                       \
    })
