// SQL of recovery codes and temporary access codes: digests only, each consumed by one guarded UPDATE.
#pragma once

#include <vector>

#include "db/database.hpp"

namespace madoguchi::signin {

struct RecoveryCodesLeft {
    int left = 0;
    std::optional<Instant> made_at;  // nothing: none were ever made, or the last set was ended
};

enum class SpareCodeUse { accepted, used_before, unknown };

struct NewAccessCode {
    AccountId account;
    std::string organization_path;
    std::string digest;
    AccountId created_by;
    Instant expires_at;
};

class SpareCodeStore {
public:
    /// The set before ends.
    Result<void> replace_recovery_codes(db::Transaction& tx, AccountId account, const std::string& organization_path,
                                        const std::vector<std::string>& digests, Instant now) const;
    Result<void> end_recovery_codes(db::Transaction& tx, AccountId account, Instant now) const;
    Result<RecoveryCodesLeft> recovery_codes(db::Transaction& tx, AccountId account) const;
    /// Accepted for exactly one caller.
    Result<SpareCodeUse> use_recovery_code(db::Transaction& tx, AccountId account, const std::string& digest,
                                           Instant now) const;

    /// The one before ends.
    Result<void> replace_access_code(db::Transaction& tx, const NewAccessCode& code, Instant now) const;
    Result<void> end_access_codes(db::Transaction& tx, AccountId account, Instant now) const;
    Result<bool> has_access_code(db::Transaction& tx, AccountId account, Instant now) const;
    /// Its id for exactly one caller.
    Result<std::optional<std::int64_t>> use_access_code(db::Transaction& tx, AccountId account,
                                                        const std::string& digest, Instant now) const;
};

}  // namespace madoguchi::signin
