// SQL of handover letters: who waits for one, and the one guarded step that prints.
#pragma once

#include "accounts/batch.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

/// An account that has no password yet, with what stands on its letter.
struct LetterDraft {
    AccountId account;
    std::string login_id;
    std::string person;
    directory::OrganizationRef organization;
    std::string postal_code;
    std::string address;
    int prints = 0;
    bool waiting = false;
    std::optional<Instant> printed_at;
    std::string printed_by;
    Instant created_at;
    int batch_row = 0;
};

/// Letters of a batch that go into one file.
struct LetterPart {
    int number = 0;  // from 1
    int first_row = 0;
    int last_row = 0;
    int letters = 0;
    int waiting = 0;
    int printable = 0;  // without those who have signed in meanwhile
    std::optional<Instant> printed_at;
};

struct BatchOfLetters {
    BatchId id;
    std::string file_name;
    int waiting = 0;
};

struct Minted {
    std::vector<std::int64_t> accounts;
    std::vector<std::string> digests;
    std::vector<std::int64_t> prints;  // how often each was printed before
};

class LetterStore {
public:
    Result<std::optional<LetterDraft>> find(db::Transaction& tx, AccountId account) const;
    /// Waiting ones of a batch, in the file's order.
    Result<std::vector<LetterDraft>> of_batch(db::Transaction& tx, BatchId batch, int first_row, int last_row) const;
    /// Waiting ones that no batch issued, oldest first.
    Result<std::vector<LetterDraft>> singles(db::Transaction& tx, AccountId after, int limit) const;
    Result<std::vector<LetterPart>> parts(db::Transaction& tx, BatchId batch, int letters_per_file) const;
    Result<std::vector<BatchOfLetters>> batches(db::Transaction& tx) const;
    /// Up to `most`: nobody reads more than that.
    Result<std::int64_t> count_waiting(db::Transaction& tx, int most) const;
    /// How many got their initial password: fewer than asked for where somebody was faster.
    Result<std::int64_t> print(db::Transaction& tx, const Minted& minted, Instant expires_at, const std::string& by,
                               Instant now) const;
};

}  // namespace madoguchi::accounts
