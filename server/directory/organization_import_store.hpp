// SQL of organizations from a file: what stands around its rows, and making what they tell of.
#pragma once

#include "db/database.hpp"
#include "directory/organization_file.hpp"

namespace madoguchi::directory {

/// A row on its way into the directory: what is inserted, under the id that it will have.
struct OrganizationToMake {
    int row = 0;
    OrganizationId id;
    Organization organization;
    std::string search;
};

class OrganizationImportStore {
public:
    /// Open organizations below which others stand.
    Result<std::vector<PossibleParent>> parents(db::Transaction& tx) const;
    Result<std::set<std::int64_t>> known_ids(db::Transaction& tx, const std::vector<std::int64_t>& ids) const;
    /// Below the organization with the path `below`: a code of another jurisdiction reads as unused (S16).
    Result<std::set<std::string, std::less<>>> known_codes(db::Transaction& tx, const std::vector<std::string>& codes,
                                                           const std::string& below) const;
    /// Parent and name of every open organization that has no institution code.
    Result<std::vector<std::pair<std::int64_t, std::string>>> names(db::Transaction& tx) const;

    // --- the worker ---

    /// No other worker makes organizations until the transaction ends.
    Result<void> alone(db::Transaction& tx) const;
    Result<std::vector<std::int64_t>> next_ids(db::Transaction& tx, std::size_t count) const;
    /// The ids that were made; who is missing has a code that is in use, perhaps outside the jurisdiction.
    Result<std::set<std::int64_t>> make(db::Transaction& tx, const std::vector<OrganizationToMake>& rows,
                                        Instant now) const;
};

}  // namespace madoguchi::directory
