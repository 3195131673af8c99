// SQL of the helpdesk: finding, and the cases. What a caller said is compared and never stored.
#pragma once

#include <vector>

#include "accounts/helpdesk.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

using HelpdeskCaseId = Id<struct HelpdeskCaseTag>;

struct HelpdeskCase {
    HelpdeskCaseId id;
    AccountId operator_account;
    AccountId account;
    Instant opened_at;
    Instant expires_at;
    CheckState person;
    CheckState organization;
    CheckState callback;
    std::string outcome;  // empty: open
    std::string sent_to;  // where a reset code went, masked
};

class HelpdeskStore {
public:
    /// Of these accounts, those in which every word is found: in ID, name and kana, in the organization's, or as the
    /// last four digits of its number. Closed ones are left out.
    Result<std::vector<AccountId>> with_words(db::Transaction& tx, const std::vector<std::int64_t>& among,
                                              const std::vector<std::string>& words, int limit) const;
    Result<OnFile> on_file(db::Transaction& tx, AccountId account) const;
    Result<HelpdeskCaseId> open(db::Transaction& tx, AccountId operator_account, const Account& account,
                                Instant expires_at, Instant now) const;
    Result<std::optional<HelpdeskCase>> find(db::Transaction& tx, HelpdeskCaseId id) const;
    /// Counts a try before it is made. False: the question is used up or answered, or the case is over.
    Result<bool> count_try(db::Transaction& tx, HelpdeskCaseId id, CallerCheck check, int maximum, Instant now) const;
    Result<void> matched(db::Transaction& tx, HelpdeskCaseId id, CallerCheck check) const;
    /// Wrong answers about this account since then, whoever asked.
    Result<std::int64_t> mismatches(db::Transaction& tx, AccountId account, Instant since) const;
    /// False: it was over before, or not all questions were answered (asked for anything but "unverified").
    Result<bool> end(db::Transaction& tx, HelpdeskCaseId id, const std::string& outcome, const std::string& sent_to,
                     Instant now) const;
};

}  // namespace madoguchi::accounts
