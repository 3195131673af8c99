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
    /// Errors: forbidden (confirmation_needed).
    Result<std::vector<SecretText>> make(const directory::Principal& principal, Instant now);

private:
    Parts parts_;
    SpareCodeStore store_;
};

}  // namespace madoguchi::signin
