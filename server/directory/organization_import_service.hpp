// Use cases of organizations from a file. Nothing is registered before somebody confirmed what was read; then a worker
// registers in small transactions, so that a kill loses at most the one under way (S23).
#pragma once

#include "audit/audit_service.hpp"
#include "directory/file_import_service.hpp"
#include "directory/organization_import_store.hpp"

namespace madoguchi::directory {

/// One row as somebody corrected it on the page.
struct ImportCorrection {
    int number = 0;
    std::vector<std::pair<FileColumn, std::string>> cells;
    bool left_out = false;
};

/// Whether a warning that was shown and whose value was kept counts as looked at.
enum class ImportWarnings { asked_again, accepted };

class OrganizationImportService {
public:
    OrganizationImportService(db::Database& database, audit::AuditService& audit, GrantService& grants)
        : database_(database), audit_(audit), files_(kOrganizationFiles, audit, grants) {}

    /// Reads the file and says what would become of each row; registers nothing. The whole file or nothing of it.
    /// Errors: invalid (read_sheet(), read_organizations()), forbidden.
    Result<ImportId> upload(const Principal& principal, const std::string& file_name, std::string_view bytes,
                            Instant now);
    /// Rows of a script: kept and checked, or, as `sent` asks, registered in this transaction, all or none. Errors:
    /// forbidden; of all or none: invalid (each bad row's cell), conflict (import_not_whole).
    Result<ImportId> begin(const Principal& principal, const SentRows& sent, Instant now);
    /// Errors: not_found, forbidden.
    Result<ImportView> show(const Principal& principal, ImportId id, Instant now);
    Result<std::vector<ImportView>> list(const Principal& principal, ImportId before, int limit, Instant now);
    Result<std::vector<ImportRow>> rows(const Principal& principal, ImportId id, ImportFilter filter, int after,
                                        int limit, Instant now);
    /// Takes corrections and checks every row again; true: something changed. Errors: not_found, conflict
    /// (import_state).
    Result<bool> correct(const Principal& principal, ImportId id, const std::vector<ImportCorrection>& corrections,
                         ImportWarnings warnings, Instant now);
    /// `version` is what the page showed. Errors: not_found, conflict (import_state, batch_changed), invalid
    /// (import_nothing_to_make).
    Result<void> confirm(const Principal& principal, ImportId id, int version, Instant now);
    Result<void> drop(const Principal& principal, ImportId id, Instant now);

    /// A list was saved as a file: who, with which conditions, how many rows.
    Result<void> note_export(const Principal& principal, const std::string& conditions, std::size_t rows, Instant now);

    /// Registers the next rows of an import that nobody else works on. False: there is none. Called by the worker.
    Result<bool> work(Instant now);

private:
    enum class Hold { none, locked };
    template <class F>
    auto with_import(const Principal& principal, ImportId id, Hold hold, Instant now, F&& use)
        -> std::invoke_result_t<F&, db::Transaction&, const Actor&, const FileImport&>;
    Result<ImportSurroundings> surroundings(db::Transaction& tx, const std::vector<ImportRow>& rows,
                                            const std::string& below) const;
    Result<void> make_whole(db::Transaction& tx, const Principal& principal, const Actor& actor, ImportId id,
                            Instant now);
    Result<void> make_rows(db::Transaction& tx, const FileImport& one, const Principal& principal,
                           std::vector<ImportRow> rows, Instant now);
    Result<void> keep_rows(db::Transaction& tx, const FileImport& one, const std::vector<ImportRow>& rows) const;

    db::Database& database_;
    audit::AuditService& audit_;
    FileImportService files_;
    OrganizationImportStore store_;
};

}  // namespace madoguchi::directory
