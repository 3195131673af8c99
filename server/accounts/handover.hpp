// Rules of handing an initial password over by a one-time link (S4). Pure.
//
//   queue ──▶ sending ──▶ sent ──▶ opened        the initial password is made and shown, once
//                │         │ └──▶ lapsed         nobody opened it in time
//                └─────────┴────▶ undelivered    no provider took the message, or none brought it there
//   whatever is not opened yet ──▶ replaced      by another link, a letter, or a reset
#pragma once

#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "messages/message.hpp"

namespace madoguchi::accounts {

using HandoverLinkId = Id<struct HandoverLinkTag>;

enum class LinkState { sending, sent, undelivered, opened, lapsed, replaced };
std::string_view to_text(LinkState state);

struct HandoverLink {
    HandoverLinkId id;
    AccountId account;
    std::string login_id = {};
    std::string person = {};
    std::string organization = {};
    std::string sent_to;  // masked
    std::string sent_by;
    Instant sent_at;
    Instant expires_at;
    std::optional<Instant> opened_at = std::nullopt;
    bool replaced = false;  // it opens nothing any more, whatever its time
    MessageId message_id = {};
    std::optional<messages::MessageState> message = std::nullopt;
};

LinkState state_of(const HandoverLink& link, Instant now);

/// The telephone that the applicant confirmed by a code, or the one registered for the organization.
enum class ContactSource { application, organization };

struct HandoverContact {
    ContactSource source = ContactSource::organization;
    std::string phone_sealed;
    std::string phone_masked;
    std::string phone_digest;
};

}  // namespace madoguchi::accounts
