// Recovery codes of one's own account (S10): ten, shown once, each good once, made anew at will.
#pragma once

#include "signin/security_service.hpp"
#include "signin/spare_code.hpp"
#include "signin/spare_code_store.hpp"

namespace madoguchi::signin {

class RecoveryCodeService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        SecurityService& security;
        const NoticeService& notices;
        Entropy& entropy;
        SecretText token_key;
    };
    explicit RecoveryCodeService(Parts parts) : parts_(std::move(parts)) {}

    /// As a page shows them, with hyphens; nobody can read them again. Those made before are worth nothing from now on.
    /// `seen`: when those were made that the page knew of; where they are others by now, a press was repeated, and
    /// nothing is made. Errors: forbidden (confirmation_needed), conflict (codes_shown_already).
    Result<std::vector<SecretText>> make(const directory::Principal& principal, Instant now,
                                         const std::optional<std::string>& seen = {});

    /// What a page says of those that stand now, to be compared in make().
    static std::string seen_of(const RecoveryCodesLeft& codes);

private:
    Parts parts_;
    SpareCodeStore store_;
};

}  // namespace madoguchi::signin
