#include "signin/recovery_code_service.hpp"

#include "base/limits.hpp"

namespace madoguchi::signin {

std::string RecoveryCodeService::seen_of(const RecoveryCodesLeft& codes) {
    return codes.made_at ? std::to_string(to_microseconds(*codes.made_at)) : "none";
}

Result<std::vector<SecretText>> RecoveryCodeService::make(const directory::Principal& principal, Instant now,
                                                          const std::optional<std::string>& seen) {
    std::vector<SecretText> shown;
    std::vector<std::string> digests;
    for (int i = 0; i < limits::kRecoveryCodes; ++i) {
        const SpareCode code{SpareKind::recovery, make_spare_code(parts_.entropy, SpareKind::recovery)};
        shown.push_back(show_spare_code(code.folded));
        digests.push_back(spare_code_digest(parts_.token_key, principal.account, code));
    }
    const Actor actor = directory::as_oneself(principal);
    const audit::Entry entry = own_entry(principal, "recovery_codes.make");
    TRY(parts_.audit.audited(actor, entry, now, [&](db::Transaction& tx) -> Result<void> {
        TRY(parts_.security.require_confirmed(tx, principal, now));
        if (seen && *seen != seen_of(TRY(store_.recovery_codes(tx, principal.account)))) {
            return failure(ErrorKind::conflict, "codes_shown_already");
        }
        TRY(parts_.notices.tell(tx, principal.account, principal.login_id, "recovery_codes_made", {}, now));
        TRY(store_.replace_recovery_codes(tx, principal.account, principal.home.path, digests, now));
        return parts_.audit.append(tx, actor, entry, now);
    }));
    return shown;
}

}  // namespace madoguchi::signin
