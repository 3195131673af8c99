// Requests that wait for a person: approvals by a second one (S18), and reset requests from people without access.
// Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi::accounts {

//           approve (somebody else than the requester)
//   open ─────────────────────────────────────────────▶ approved
//     ├─── decline, with a reason ────────────────────▶ declined
//     └─── nobody decided within a week ──────────────▶ expired
enum class RequestKind { password_reset, second_reset, role_grant };
enum class RequestState { open, approved, declined, expired };
enum class Decision { approve, decline };

std::string_view to_text(RequestKind kind);
std::string_view to_text(RequestState state);
RequestKind request_kind(std::string_view text);
RequestState request_state(std::string_view text);

struct Request {
    RequestId id;
    RequestKind kind = RequestKind::password_reset;
    RequestState state = RequestState::open;
    std::string organization_path;
    AccountId account;  // 0: the ID that was typed belongs to nobody
    std::string login_id;
    AccountId requested_by;  // 0: filed on the public page
    std::string requested_by_name;
    nlohmann::json summary;
    std::string contact_sealed;
    Instant requested_at;
    Instant expires_at;
    std::string decided_by_name;
    std::optional<Instant> decided_at;
    std::string reason;
};

/// Errors: conflict (already_decided), forbidden (own_request).
Result<RequestState> advance(const Request& request, Decision decision, AccountId by, Instant now);

}  // namespace madoguchi::accounts
