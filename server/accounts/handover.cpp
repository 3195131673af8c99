#include "accounts/handover.hpp"

#include <array>

namespace madoguchi::accounts {
namespace {

constexpr std::array<std::string_view, 6> kLinkStates = {"sending", "sent",   "undelivered",
                                                         "opened",  "lapsed", "replaced"};

}  // namespace

std::string_view to_text(LinkState state) {
    return kLinkStates.at(static_cast<std::size_t>(state));
}

LinkState state_of(const HandoverLink& link, Instant now) {
    if (link.opened_at) {
        return LinkState::opened;
    }
    if (link.replaced) {
        return LinkState::replaced;
    }
    if (link.expires_at <= now) {
        return LinkState::lapsed;
    }
    if (link.message && messages::came_to_nothing(*link.message)) {
        return LinkState::undelivered;
    }
    // "Sent" is said only when a gateway said so (S24).
    const bool waits =
        link.message == messages::MessageState::queued || link.message == messages::MessageState::sending;
    return waits ? LinkState::sending : LinkState::sent;
}

}  // namespace madoguchi::accounts
