#include "signin/security_service.hpp"

#include "base/japanese_text.hpp"
#include "base/limits.hpp"

namespace madoguchi::signin {
namespace {

using directory::Principal;

bool is_fresh(const std::optional<Instant>& confirmed_at, Instant now) {
    // Not from the future either: a clock that stepped back keeps nothing open (S28).
    return confirmed_at && *confirmed_at <= now && now - *confirmed_at < limits::kConfirmedFor;
}

Result<std::string> check_label(const std::string& typed) {
    const std::string label = fold_width(typed);
    if (code_points(label) > limits::kMethodLabelCodePoints) {
        return invalid_field("label", "too_long", {{"maximum", std::to_string(limits::kMethodLabelCodePoints)}});
    }
    return label;
}

}  // namespace

audit::Entry own_entry(const Principal& principal, std::string action) {
    return {.action = std::move(action),
            .organization_path = principal.home.path,
            .target_kind = "account",
            .target_id = principal.account.value,
            .target_name = principal.login_id};
}

Result<SecurityView> SecurityService::view(const Principal& principal, Instant now) {
    SecurityView out;
    TRY(parts_.database.transact(directory::as_oneself(principal), [&](db::Transaction& tx) -> Result<void> {
        out.methods = TRY(steps_.list(tx, principal.account));
        out.sessions = TRY(store_.sessions(tx, principal.account, now));
        out.recovery_codes = TRY(spare_codes_.recovery_codes(tx, principal.account));
        return {};
    }));
    out.recent = TRY(activity(principal, 0, limits::kActivityRecent));
    const auto current = std::ranges::find(out.sessions, principal.session, &OwnSession::id);
    if (current != out.sessions.end() && is_fresh(current->confirmed_at, now)) {
        out.confirmed_until = *current->confirmed_at + limits::kConfirmedFor;
    }
    return out;
}

Result<SecondStep> SecurityService::method(const Principal& principal, SecondStepId id) {
    const auto found = TRY(parts_.database.transact(
        directory::as_oneself(principal), [&](db::Transaction& tx) { return steps_.find(tx, id, principal.account); }));
    if (!found) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return *found;
}

Result<void> SecurityService::require_confirmed(db::Transaction& tx, const Principal& principal, Instant now) const {
    TRY(parts_.credentials.lock(tx, principal.account));
    if (!is_fresh(TRY(store_.lock_confirmed_at(tx, principal.session, principal.account, now)), now)) {
        return failure(ErrorKind::forbidden, "confirmation_needed");
    }
    return {};
}

Result<void> SecurityService::confirmed(const Principal& principal, Instant now) {
    return parts_.database.transact(directory::as_oneself(principal), [&](db::Transaction& tx) -> Result<void> {
        return require_confirmed(tx, principal, now);
    });
}

// --- second steps ---

template <class F>
Result<void> SecurityService::change(const Principal& principal, SecondStepId id, const std::string& action,
                                     Instant now, F&& work) {
    const Actor actor = directory::as_oneself(principal);
    audit::Entry entry = own_entry(principal, action);
    return parts_.audit.audited(actor, entry, now, [&](db::Transaction& tx) -> Result<void> {
        TRY(require_confirmed(tx, principal, now));
        const auto step = TRY(steps_.find(tx, id, principal.account));
        if (!step) {
            return failure(ErrorKind::not_found, "not_found");
        }
        entry.before = {{"second_step", id.value}, {"kind", to_text(step->kind)}, {"phone", step->phone_masked}};
        TRY(work(tx, *step, entry));
        return parts_.audit.append(tx, actor, entry, now);
    });
}

Result<void> SecurityService::rename(const Principal& principal, SecondStepId id, const std::string& typed,
                                     Instant now) {
    const std::string label = TRY(check_label(typed));
    return change(principal, id, "second_step.rename", now,
                  [&](db::Transaction& tx, const SecondStep& step, audit::Entry& entry) {
                      entry.before["label"] = step.label;
                      entry.after = {{"label", label}};
                      return steps_.rename(tx, id, principal.account, label);
                  });
}

Result<void> SecurityService::make_default(const Principal& principal, SecondStepId id, Instant now) {
    return change(principal, id, "second_step.default", now,
                  [&](db::Transaction& tx, const SecondStep& step, audit::Entry&) -> Result<void> {
                      TRY(parts_.notices.tell(tx, principal.account, principal.login_id, "second_step_default", {}, now,
                                              {.method = step.kind}));
                      return steps_.make_default(tx, id, principal.account, step.kind);
                  });
}

Result<void> SecurityService::remove(const Principal& principal, SecondStepId id, Instant now) {
    const auto work = [&](db::Transaction& tx, const SecondStep& step, audit::Entry&) -> Result<void> {
        const auto methods = TRY(steps_.list(tx, principal.account));
        const auto other = std::ranges::find_if(
            methods, [&](const SecondStep& method) { return method.id != id && !method.disabled; });
        if (other == methods.end()) {
            return failure(ErrorKind::conflict, "last_second_step");
        }
        // The phone that goes is told too: its owner may be somebody else's victim.
        TRY(parts_.notices.tell(tx, principal.account, principal.login_id, "second_step_removed", {}, now,
                                {.method = step.kind}));
        TRY(steps_.remove(tx, id, principal.account, now));
        if (step.is_default) {
            TRY(steps_.make_default(tx, other->id, principal.account, other->kind));
        }
        return {};
    };
    return change(principal, id, "second_step.remove", now, work);
}

// --- sessions ---

Result<void> SecurityService::end_session(const Principal& principal, SessionId id, Instant now) {
    const Actor actor = directory::as_oneself(principal);
    audit::Entry entry = own_entry(principal, "session.end");
    entry.after = {{"session", id.value}};
    return parts_.audit.audited(actor, entry, now, [&](db::Transaction& tx) -> Result<void> {
        if (!TRY(store_.end(tx, id, principal.account, now))) {
            return failure(ErrorKind::not_found, "not_found");
        }
        return parts_.audit.append(tx, actor, entry, now);
    });
}

Result<std::int64_t> SecurityService::end_other_sessions(const Principal& principal, Instant now) {
    const Actor actor = directory::as_oneself(principal);
    audit::Entry entry = own_entry(principal, "session.end_others");
    return parts_.audit.audited(actor, entry, now, [&](db::Transaction& tx) -> Result<std::int64_t> {
        const auto ended = TRY(store_.end_others(tx, principal.session, principal.account, now));
        entry.after = {{"sessions", ended}};
        TRY(parts_.audit.append(tx, actor, entry, now));
        return ended;
    });
}

Result<std::vector<audit::AuditEvent>> SecurityService::activity(const Principal& principal, std::int64_t before_id,
                                                                 int rows) {
    return parts_.audit.own(directory::as_oneself(principal), before_id, rows);
}

}  // namespace madoguchi::signin
