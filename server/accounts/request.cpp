#include "accounts/request.hpp"

#include <algorithm>
#include <array>

namespace madoguchi::accounts {
namespace {

constexpr std::array<std::string_view, 3> kKinds = {"password_reset", "second_reset", "role_grant"};
constexpr std::array<std::string_view, 4> kStates = {"open", "approved", "declined", "expired"};

}  // namespace

std::string_view to_text(RequestKind kind) {
    return kKinds.at(static_cast<std::size_t>(kind));
}
std::string_view to_text(RequestState state) {
    return kStates.at(static_cast<std::size_t>(state));
}

RequestKind request_kind(std::string_view text) {
    return static_cast<RequestKind>(std::ranges::find(kKinds, text) - kKinds.begin());
}

RequestState request_state(std::string_view text) {
    return static_cast<RequestState>(std::ranges::find(kStates, text) - kStates.begin());
}

Result<RequestState> advance(const Request& request, Decision decision, AccountId by, Instant now) {
    if (request.state != RequestState::open || now >= request.expires_at) {
        return failure(ErrorKind::conflict, "already_decided");
    }
    if (request.requested_by && request.requested_by == by) {
        return failure(ErrorKind::forbidden, "own_request");
    }
    return decision == Decision::approve ? RequestState::approved : RequestState::declined;
}

}  // namespace madoguchi::accounts
