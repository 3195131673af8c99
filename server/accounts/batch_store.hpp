// SQL of batches. Rows are written by the thousand: a statement a row would take a minute for 40,000.
#pragma once

#include "accounts/batch.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

struct Batch {
    BatchId id;
    directory::OrganizationRef organization;  // whose jurisdiction it belongs to
    std::string file_name;
    BatchState state = BatchState::checked;
    ColumnPlaces columns;
    int version = 1;
    std::string stopped_because;  // "", "somebody", "rights_lost", "error"
    Instant created_at;
    AccountId created_by;
    std::string created_by_name;
    std::optional<Instant> started_at;
    AccountId started_by;
    std::string started_by_name;
    std::string request_id;
    std::string source;
    std::optional<Instant> finished_at;
};

using People = std::map<std::pair<OrganizationId, std::string>, KnownPerson>;  // by facility and person key

enum class RowFilter { to_fix, folded, failed, all };

/// A row on its way to an account.
struct RowToIssue {
    int number = 0;
    RowCells cells;
    OrganizationId organization;
};
struct IssuedRow {
    int number = 0;
    AccountId account;
    std::string login_id;
    directory::OrganizationRef organization;
    RolePeriod period = {};
};

class BatchStore {
public:
    Result<BatchId> insert(db::Transaction& tx, const Batch& batch, Instant now) const;
    Result<void> insert_rows(db::Transaction& tx, const Batch& batch, const std::vector<BatchRow>& rows) const;
    Result<std::optional<Batch>> find(db::Transaction& tx, BatchId id) const;
    Result<std::optional<Batch>> lock(db::Transaction& tx, BatchId id) const;
    Result<std::vector<Batch>> list(db::Transaction& tx, BatchId before, int limit) const;
    Result<BatchCounts> counts(db::Transaction& tx, BatchId id) const;
    Result<std::int64_t> count_in(db::Transaction& tx, BatchState state) const;
    Result<std::vector<BatchRow>> rows(db::Transaction& tx, BatchId id, RowFilter filter, int after, int limit) const;
    /// Cells, state and reasons of these rows.
    Result<void> update_rows(db::Transaction& tx, BatchId id, const std::vector<BatchRow>& rows) const;
    Result<void> touch(db::Transaction& tx, BatchId id) const;
    /// False: somebody was faster.
    Result<bool> set_state(db::Transaction& tx, const Batch& batch, BatchState to, const std::string& because,
                           Instant now) const;
    Result<bool> start(db::Transaction& tx, const Batch& batch, const Actor& by, const std::string& name,
                       Instant now) const;

    /// Open facilities with these codes; the policies show those of the jurisdiction.
    Result<std::vector<std::pair<std::string, directory::OrganizationRef>>> facilities(
        db::Transaction& tx, const std::vector<std::string>& codes) const;
    /// Whoever holds an ID at these facilities: facility, person key, account, login ID.
    Result<People> people(db::Transaction& tx, const std::vector<std::int64_t>& organizations) const;
    /// Those of them who have one of these person keys.
    Result<People> people_named(db::Transaction& tx, const std::vector<std::int64_t>& organizations,
                                const std::vector<std::string>& keys) const;
    /// Facilities without anybody, for the template: code and name.
    Result<std::vector<std::pair<std::string, std::string>>> without_accounts(db::Transaction& tx, int limit) const;

    /// What the rows of a batch got, by row number.
    Result<std::map<int, std::string>> login_ids(db::Transaction& tx, BatchId id) const;

    // --- the worker ---

    /// One batch that is being issued and that nobody else works on; locked until the transaction ends.
    Result<std::optional<Batch>> take_issuing(db::Transaction& tx) const;
    Result<std::vector<RowToIssue>> next_ready(db::Transaction& tx, BatchId id, int limit) const;
    Result<std::vector<std::int64_t>> login_numbers(db::Transaction& tx, std::size_t count) const;
    /// The prefecture of each organization, for login IDs; those that are gone or closed are missing.
    Result<std::map<OrganizationId, std::pair<directory::OrganizationRef, int>>> places(
        db::Transaction& tx, const std::vector<std::int64_t>& organizations) const;
    /// Makes the accounts, waiting for their letters. What is missing in the answer exists already.
    Result<std::vector<std::pair<int, AccountId>>> insert_accounts(db::Transaction& tx, const Batch& batch,
                                                                   const std::vector<RowToIssue>& rows,
                                                                   const std::vector<std::string>& login_ids,
                                                                   const std::vector<std::string>& searches,
                                                                   Instant now) const;
    Result<void> finish_rows(db::Transaction& tx, BatchId id, RowState state, const std::vector<std::int64_t>& numbers,
                             const std::vector<std::int64_t>& accounts, const std::string& reason) const;
};

}  // namespace madoguchi::accounts
