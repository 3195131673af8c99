// Use cases of issuing many at once. Nothing is issued before somebody confirmed what was read; then a worker issues in
// small transactions, so that a kill loses at most the one under way and the next server goes on (S23).
#pragma once

#include "accounts/account_service.hpp"
#include "accounts/batch_store.hpp"

namespace madoguchi::accounts {

struct BatchView {
    Batch batch;
    BatchCounts counts;
    int folded = 0;
};

/// One row as somebody corrected it on the page.
struct RowCorrection {
    int number = 0;
    std::vector<std::pair<BatchColumn, std::string>> cells;
    bool left_out = false;
};

enum class Corrected { nothing, something };
/// Whether a warning that was shown and whose value was kept counts as looked at.
enum class Warnings { asked_again, accepted };

/// What a script sends instead of a file: rows are numbered from 1.
struct RowsToIssue {
    std::string name;
    std::vector<RowCells> rows;
    Warnings warnings = Warnings::asked_again;  // accepted: doubtful rows are meant as they are
};

class BatchService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::GrantService& grants;
        AccountService& accounts;
        LoginIdPolicy login_ids;
    };
    explicit BatchService(Parts parts) : parts_(std::move(parts)) {}

    /// Reads the file and says what would become of each row; issues nothing. The whole file or nothing of it.
    /// Errors: invalid (read_sheet(), read_batch()), forbidden.
    Result<BatchId> upload(const Principal& principal, const std::string& file_name, std::string_view bytes,
                           Instant now);
    /// The same of rows that a script sends. Errors: forbidden.
    Result<BatchId> begin(const Principal& principal, const RowsToIssue& command, Instant now);
    /// All of them in one transaction, or none. Errors: invalid (each bad row's cell), conflict (batch_not_whole: a row
    /// turned out to be impossible while issuing), forbidden.
    Result<BatchId> issue_whole(const Principal& principal, const RowsToIssue& command, Instant now);
    Result<BatchView> show(const Principal& principal, BatchId id, Instant now);
    Result<std::vector<BatchView>> list(const Principal& principal, BatchId before, int limit, Instant now);
    /// Batches being issued, for the navigation.
    Result<std::int64_t> count_issuing(const Principal& principal, Instant now);
    /// Batches that wait for somebody or run: checked, issuing, stopped.
    Result<std::int64_t> count_open(const Principal& principal, Instant now);
    Result<std::vector<BatchRow>> rows(const Principal& principal, BatchId id, RowFilter filter, int after, int limit,
                                       Instant now);
    /// What each row of a batch got.
    Result<std::map<int, std::string>> login_ids(const Principal& principal, BatchId id, Instant now);
    /// Facilities without an account: what the template is filled with.
    Result<std::vector<std::pair<std::string, std::string>>> without_accounts(const Principal& principal, Instant now);

    /// Takes corrections and checks every row again. Errors: not_found, conflict (batch_state).
    Result<Corrected> correct(const Principal& principal, BatchId id, const std::vector<RowCorrection>& corrections,
                              Warnings warnings, Instant now);
    /// Confirm, stop, resume, drop. `version` is what the page showed: a batch that changed meanwhile is shown again.
    /// Errors: not_found, conflict (batch_state, batch_changed), invalid (batch_nothing_to_issue).
    Result<void> act(const Principal& principal, BatchId id, BatchEvent event, int version, Instant now);

    /// Issues the next rows of a batch that nobody else works on. False: there is none. Called by the worker and tests.
    Result<bool> work(Instant now);

private:
    Result<Batch> insert_checked(db::Transaction& tx, const Principal& principal, const Actor& actor, Batch batch,
                                 std::vector<BatchRow>& rows, Instant now);
    Result<void> issue_all(db::Transaction& tx, const Principal& principal, const Actor& actor, Batch batch,
                           Instant now);
    Result<std::int64_t> count_in(const Principal& principal, std::initializer_list<BatchState> states, Instant now);
    /// locked: nobody else changes it, and no worker goes on, until the transaction ends. Looking waits for nobody.
    enum class Hold { none, locked };
    template <class F>
    auto with_batch(const Principal& principal, BatchId id, Hold hold, Instant now, F&& use)
        -> std::invoke_result_t<F&, db::Transaction&, const Actor&, const Batch&>;
    Result<BatchSurroundings> surroundings(db::Transaction& tx, const Principal& principal,
                                           const std::vector<BatchRow>& rows, Instant now) const;
    Result<Principal> issuer_of(db::Transaction& tx, const Batch& batch, Instant now) const;
    Result<void> issue_rows(db::Transaction& tx, const Batch& batch, const Principal& issuer,
                            const std::vector<RowToIssue>& rows, Instant now);
    Result<void> note_issued(db::Transaction& tx, const Batch& batch, const Actor& actor,
                             const std::vector<IssuedRow>& issued, Instant now);
    Result<People> people_of(db::Transaction& tx, const std::vector<RowToIssue>& rows) const;
    Result<void> note_not_issued(db::Transaction& tx, const Batch& batch, const std::vector<RowToIssue>& missing,
                                 Instant now) const;

    Parts parts_;
    BatchStore store_;
};

}  // namespace madoguchi::accounts
