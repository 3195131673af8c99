#include "accounts/request_service.hpp"

#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"
#include "gateway/phone_number.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

constexpr std::string_view kContactContext = "request:contact";

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

Result<Contact> check_contact(const FileReset& command) {
    FieldErrors errors;
    const auto text = [&](const std::string& typed, const char* field, bool required, std::size_t maximum) {
        std::string folded = fold_width(typed);
        if (required && folded.empty()) {
            errors.add(field, "required");
        } else if (code_points(folded) > maximum) {
            errors.add(field, "too_long", {{"maximum", std::to_string(maximum)}});
        }
        return folded;
    };
    Contact contact;
    text(command.login_id, "login_id", true, limits::kLoginIdBytes);
    contact.organization_name = text(command.organization_name, "organization_name", true, limits::kNameCodePoints);
    contact.name = text(command.contact_name, "contact_name", true, limits::kNameCodePoints);
    contact.note = text(command.note, "note", false, limits::kReasonCodePoints);
    contact.phone = errors.take(gateway::parse_contact_phone(command.phone)).value_or("");
    TRY(std::move(errors).result());
    return contact;
}

}  // namespace

std::optional<Contact> RequestService::contact(const Request& request) const {
    if (request.contact_sealed.empty()) {
        return std::nullopt;
    }
    const auto opened = parts_.envelope.open(request.contact_sealed, kContactContext);
    if (!opened) {
        return std::nullopt;
    }
    const auto json = nlohmann::json::parse(opened->reveal(), nullptr, false);
    if (!json.is_object()) {
        return std::nullopt;
    }
    return Contact{json.value("organization_name", ""), json.value("name", ""), json.value("phone", ""),
                   json.value("note", "")};
}

Result<void> RequestService::store(const FileReset& command, const Contact& contact, Instant now) {
    const nlohmann::json contact_json = {{"organization_name", contact.organization_name},
                                         {"name", contact.name},
                                         {"phone", contact.phone},
                                         {"note", contact.note}};
    const std::string sealed = TRY(parts_.envelope.seal(SecretText(contact_json.dump()), kContactContext));
    Actor actor = Actor::system();
    actor.name = "anonymous";
    actor.source = command.source;
    actor.request_id = command.request_id;
    actor.channel = "web";
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
        const std::string login_id = fold_login_id(command.login_id);
        const auto account = TRY(parts_.accounts.find(tx, login_id, now));
        const bool known = account && account->state != AccountState::closed;
        // A few a day and account are enough; the page says the same.
        if (known && TRY(store_.count_public(tx, command.kind, account->id, now - limits::kResetsApart)) >=
                         limits::kResetRequestsPerAccountDay) {
            return {};
        }
        const auto ministry = TRY(parts_.organizations.ensure_ministry(tx, "", now));
        Request request{.kind = command.kind,
                        .organization_path = known ? account->organization.path : ministry.path,
                        .account = known ? account->id : AccountId{},
                        .requested_by_name = "anonymous",
                        .summary = {{"login_id", login_id}},
                        .contact_sealed = sealed,
                        .requested_at = now,
                        .expires_at = now + limits::kApprovalLife};
        const auto id = TRY(store_.insert(tx, request));
        return parts_.audit.append(tx, actor,
                                   {.action = "request.file",
                                    .organization_path = request.organization_path,
                                    .target_kind = known ? "account" : "request",
                                    .target_id = known ? account->id.value : id.value,
                                    .target_name = login_id,
                                    .after = {{"kind", to_text(command.kind)}, {"request_id", id.value}}},
                                   now);
    });
}

Result<void> RequestService::file(const FileReset& command, Instant now) {
    const auto contact = TRY(check_contact(command));
    return store(command, contact, now);
}

Result<std::vector<Request>> RequestService::list(const Principal& principal, const RequestFilter& filter,
                                                  Instant now) {
    std::vector<Request> out;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::reset_account, now))) {
        auto some = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.list(tx, filter); }));
        std::ranges::move(some, std::back_inserter(out));
    }
    // Of several grants: the cursor is the last one's id.
    if (filter.order == RequestOrder::newest_first) {
        std::ranges::sort(out, std::ranges::greater(), &Request::id);
    } else {
        std::ranges::sort(out, {}, &Request::id);
    }
    if (out.size() > static_cast<std::size_t>(filter.limit)) {
        out.resize(static_cast<std::size_t>(filter.limit));
    }
    return out;
}

Result<Request> RequestService::show(const Principal& principal, RequestId id, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::reset_account, now))) {
        auto found =
            TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.find(tx, id, now); }));
        if (found) {
            return std::move(*found);
        }
    }
    return hidden();
}

Result<std::int64_t> RequestService::count_open(const Principal& principal, Instant now) {
    std::int64_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::reset_account, now))) {
        count += TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.count_open(tx, now); }));
    }
    return count;
}

Result<void> RequestService::carry_out(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                       const Request& request, const std::string& reason, Instant now,
                                       Decided& decided) {
    if (request.kind == RequestKind::role_grant) {
        TRY(parts_.roles.grant_approved(tx, principal, actor, request, now));
        return {};
    }
    if (!request.account) {
        return failure(ErrorKind::conflict, "request_without_account");
    }
    const auto act = account_act(request.summary.value("act", ""))
                         .value_or(request.kind == RequestKind::password_reset ? AccountAct::reset_password
                                                                               : AccountAct::reset_second_step);
    // Filed by somebody without access, it has had one decision so far: where two persons are needed (S18), this is the
    // first one's, and a request of theirs goes to the second.
    auto changed =
        TRY(request.requested_by ? parts_.accounts.act_approved(tx, principal, actor, request.account, act, reason, now)
                                 : parts_.accounts.act_inside(tx, principal, actor, request.account, act, reason, now));
    decided.approval = changed.approval;
    decided.initial_password = std::move(changed.initial_password);
    decided.access_code = std::move(changed.access_code);
    return {};
}

Result<Decided> RequestService::decide_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                              RequestId id, Decision decision, const std::string& reason, Instant now) {
    auto request = TRY(store_.lock(tx, id));
    if (!request) {
        return hidden();
    }
    const auto next = TRY(advance(*request, decision, principal.account, now));
    if (request->account && request->account == principal.account) {
        return failure(ErrorKind::forbidden, "own_account");  // nor may they decline what somebody asked about them
    }
    Decided decided;
    if (decision == Decision::approve) {
        TRY(carry_out(tx, principal, actor, *request, reason, now, decided));
    }
    if (!TRY(store_.decide(tx, id, next, principal.account, principal.login_id, reason, now))) {
        return failure(ErrorKind::conflict, "already_decided");
    }
    TRY(parts_.audit.append(
        tx, actor,
        {.action = decision == Decision::approve ? "request.approve" : "request.decline",
         .organization_path = request->organization_path,
         .target_kind = request->account ? "account" : "request",
         .target_id = request->account ? request->account.value : id.value,
         .target_name = request->login_id,
         .reason = reason,
         .after = {{"request_id", id.value}, {"kind", to_text(request->kind)}, {"summary", request->summary}}},
        now));
    request->state = next;
    request->decided_at = now;
    request->decided_by_name = principal.login_id;
    request->reason = reason;
    decided.request = std::move(*request);
    return decided;
}

Result<Decided> RequestService::decide(const Principal& principal, RequestId id, Decision decision,
                                       const std::string& typed_reason, Mode mode, Instant now) {
    const audit::Entry attempt{.action = decision == Decision::approve ? "request.approve" : "request.decline",
                               .organization_path = principal.home.path,
                               .target_kind = "request",
                               .target_id = id.value,
                               .target_name = {}};
    const auto actors = directory::acting(principal, Permission::reset_account, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto reason = TRY(check_reason(typed_reason));
    Result<Decided> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<Decided> {
            auto decided = TRY(decide_within(tx, principal, actor, id, decision, reason, now));
            if (mode == Mode::dry_run) {
                tx.discard();
                decided.initial_password.reset();
                decided.access_code.reset();
            }
            return decided;
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

}  // namespace madoguchi::accounts
