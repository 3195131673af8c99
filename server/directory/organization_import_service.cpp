#include "directory/organization_import_service.hpp"

#include <algorithm>

#include "base/file_limits.hpp"
#include "base/japanese_text.hpp"
#include "directory/organization_service.hpp"

namespace madoguchi::directory {
namespace {

constexpr auto kPermission = Permission::create_organization;

void fail(ImportRow& row, FileColumn column, std::string rule) {
    row.state = ImportRowState::failed;
    row.problems = {{.column = column, .rule = std::move(rule)}};
}

}  // namespace

template <class F>
auto OrganizationImportService::with_import(const Principal& principal, ImportId id, Hold hold, Instant now, F&& use)
    -> std::invoke_result_t<F&, db::Transaction&, const Actor&, const FileImport&> {
    using Outcome = std::invoke_result_t<F&, db::Transaction&, const Actor&, const FileImport&>;
    for (const Actor& actor : TRY(acting(principal, kPermission, now))) {
        Outcome outcome = database_.transact(actor, [&](db::Transaction& tx) -> Outcome {
            const auto found = hold == Hold::locked ? TRY(files_.lock(tx, id)) : TRY(files_.find(tx, id));
            if (!found) {
                return failure(ErrorKind::not_found, "not_found");
            }
            return use(tx, actor, *found);
        });
        if (outcome || outcome.error().kind != ErrorKind::not_found) {
            return outcome;
        }
    }
    return failure(ErrorKind::not_found, "not_found");
}

Result<ImportSurroundings> OrganizationImportService::surroundings(db::Transaction& tx,
                                                                   const std::vector<ImportRow>& rows,
                                                                   const std::string& below) const {
    std::vector<std::int64_t> ids;
    std::vector<std::string> codes;
    for (const auto& row : rows) {
        const auto digits = [&](FileColumn column) { return fold_digits(at(row.cells, column)); };
        if (const auto code = digits(FileColumn::institution_code); code && !code->empty()) {
            codes.push_back(*code);
        }
        constexpr std::size_t kIdDigits = 18;  // fits a bigint
        if (const auto id = digits(FileColumn::id); id && !id->empty() && id->size() <= kIdDigits) {
            ids.push_back(std::stoll(*id));
        }
    }
    auto parents = TRY(store_.parents(tx));
    auto known_ids = TRY(store_.known_ids(tx, ids));
    auto known_codes = TRY(store_.known_codes(tx, codes, below));
    ImportSurroundings out{
        .parents = std::move(parents), .ids = std::move(known_ids), .codes = std::move(known_codes), .names = {}};
    for (const auto& [parent, name] : TRY(store_.names(tx))) {
        out.names.emplace(parent, search_key(name));
    }
    return out;
}

Result<ImportId> OrganizationImportService::upload(const Principal& principal, const std::string& file_name,
                                                   std::string_view bytes, Instant now) {
    const auto actors = TRY(acting(principal, kPermission, now));
    const auto file = TRY(read_organizations(TRY(spreadsheet::read_sheet(file_name, bytes))));
    const Actor& actor = actors.front();  // the widest: it sees what the others see
    return database_.transact(actor, [&](db::Transaction& tx) -> Result<ImportId> {
        std::vector<ImportRow> rows;
        rows.reserve(file.rows.size());
        for (const auto& [number, cells] : file.rows) {
            rows.push_back({.number = number, .typed = cells, .cells = cells});
        }
        check_rows(rows, principal, TRY(surroundings(tx, rows, actor.jurisdiction.setting())), now);
        std::vector<FileRow> kept_rows;
        std::ranges::transform(rows, std::back_inserter(kept_rows), kept);
        return files_.keep(tx, actor, principal.name,
                           {.file_name = shown_file_name(file_name), .columns = to_text(file.places)}, kept_rows, now);
    });
}

Result<ImportId> OrganizationImportService::begin(const Principal& principal, const SentRows& sent, Instant now) {
    const auto actors = TRY(acting(principal, kPermission, now));
    const Actor& actor = actors.front();  // the widest: it sees what the others see
    return database_.transact(actor, [&](db::Transaction& tx) -> Result<ImportId> {
        std::vector<ImportRow> rows;
        rows.reserve(sent.rows.size());
        for (const auto& cells : sent.rows) {
            ImportRow row{.number = static_cast<int>(rows.size()) + 1, .accepted = sent.accept_warnings};
            std::ranges::copy(cells, row.typed.begin());
            row.cells = row.typed;
            rows.push_back(std::move(row));
        }
        check_rows(rows, principal, TRY(surroundings(tx, rows, actor.jurisdiction.setting())), now);
        std::vector<FileRow> kept_rows;
        std::ranges::transform(rows, std::back_inserter(kept_rows), kept);
        const bool at_once = sent.atomic && !sent.check_only;
        if (at_once) {
            TRY(all_ready(kept_rows, kOrganizationFields));
        }
        const FileImport one{.file_name = shown_file_name(sent.name), .columns = {}};
        const auto id = TRY(files_.keep(tx, actor, principal.name, one, kept_rows, now));
        if (at_once) {
            TRY(make_whole(tx, principal, actor, id, now));
        }
        return id;
    });
}

Result<void> OrganizationImportService::make_whole(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                                   ImportId id, Instant now) {
    TRY(store_.alone(tx));
    const auto checked = TRY(files_.find(tx, id)).value();
    TRY(files_.confirm(tx, actor, principal.name, checked, checked.version, now));
    const auto one = TRY(files_.find(tx, id)).value();
    std::vector<ImportRow> rows;
    std::ranges::transform(TRY(files_.rows(tx, id, ImportFilter::ready, 0, 0)), std::back_inserter(rows), import_row);
    TRY(make_rows(tx, one, principal, std::move(rows), now));
    const auto counts = TRY(files_.counts(tx, id));
    if (counts[ImportRowState::made] != counts.total()) {
        return failure(ErrorKind::conflict, "import_not_whole");
    }
    return files_.finish(tx, actor, one, now);
}

Result<ImportView> OrganizationImportService::show(const Principal& principal, ImportId id, Instant now) {
    return with_import(principal, id, Hold::none, now,
                       [&](db::Transaction& tx, const Actor&, const FileImport& one) -> Result<ImportView> {
                           const auto counts = TRY(files_.counts(tx, id));
                           return ImportView{one, counts};
                       });
}

Result<std::vector<ImportView>> OrganizationImportService::list(const Principal& principal, ImportId before, int limit,
                                                                Instant now) {
    std::vector<ImportView> out;
    for (const Actor& actor : TRY(acting(principal, kPermission, now))) {
        TRY(database_.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            for (auto& one : TRY(files_.list(tx, before, limit))) {
                const auto counts = TRY(files_.counts(tx, one.id));
                out.push_back({std::move(one), counts});
            }
            return {};
        }));
    }
    std::ranges::sort(out, std::greater(), [](const ImportView& view) { return view.import.id; });
    out.resize(std::min(out.size(), static_cast<std::size_t>(limit)));
    return out;
}

Result<std::vector<ImportRow>> OrganizationImportService::rows(const Principal& principal, ImportId id,
                                                               ImportFilter filter, int after, int limit, Instant now) {
    return with_import(principal, id, Hold::none, now,
                       [&](db::Transaction& tx, const Actor&, const FileImport&) -> Result<std::vector<ImportRow>> {
                           const auto found = TRY(files_.rows(tx, id, filter, after, limit));
                           std::vector<ImportRow> out;
                           std::ranges::transform(found, std::back_inserter(out), import_row);
                           return out;
                       });
}

Result<bool> OrganizationImportService::correct(const Principal& principal, ImportId id,
                                                const std::vector<ImportCorrection>& corrections,
                                                ImportWarnings warnings, Instant now) {
    return with_import(principal, id, Hold::locked, now,
                       [&](db::Transaction& tx, const Actor&, const FileImport& one) -> Result<bool> {
                           TRY(FileImportService::still_checked(one));
                           std::vector<ImportRow> rows;
                           std::ranges::transform(TRY(files_.rows(tx, id, ImportFilter::all, 0, 0)),
                                                  std::back_inserter(rows), import_row);
                           bool changed = false;
                           for (const auto& correction : corrections) {
                               const auto row = std::ranges::find(rows, correction.number, &ImportRow::number);
                               if (row == rows.end()) {
                                   continue;
                               }
                               const auto before = row->cells;
                               for (const auto& [column, value] : correction.cells) {
                                   at(row->cells, column) = value;
                               }
                               const bool was_left_out = row->state == ImportRowState::left_out;
                               const bool differs = before != row->cells || was_left_out != correction.left_out;
                               const bool looked_at =
                                   row->state == ImportRowState::warned && warnings == ImportWarnings::accepted;
                               changed = changed || differs;
                               row->accepted = !differs && (row->accepted || looked_at);
                               row->problems.clear();
                               row->state = correction.left_out ? ImportRowState::left_out : ImportRowState::bad;
                           }
                           if (!changed && warnings == ImportWarnings::asked_again) {
                               return false;
                           }
                           check_rows(rows, principal, TRY(surroundings(tx, rows, one.path)), now);
                           TRY(keep_rows(tx, one, rows));
                           TRY(files_.touch(tx, id));
                           return changed;
                       });
}

Result<void> OrganizationImportService::confirm(const Principal& principal, ImportId id, int version, Instant now) {
    return with_import(principal, id, Hold::locked, now,
                       [&](db::Transaction& tx, const Actor& actor, const FileImport& one) {
                           return files_.confirm(tx, actor, principal.name, one, version, now);
                       });
}

Result<void> OrganizationImportService::drop(const Principal& principal, ImportId id, Instant now) {
    return with_import(principal, id, Hold::locked, now,
                       [&](db::Transaction& tx, const Actor& actor, const FileImport& one) {
                           return files_.drop(tx, actor, one, now);
                       });
}

Result<void> OrganizationImportService::note_export(const Principal& principal, const std::string& conditions,
                                                    std::size_t rows, Instant now) {
    return audit_.note(as_oneself(principal),
                       {.action = "organization.export",
                        .organization_path = principal.home.path,
                        .target_kind = "organization",
                        .target_id = principal.home.id.value,
                        .target_name = principal.home.name,
                        .after = {{"conditions", conditions}, {"rows", rows}}},
                       now);
}

// --- the worker ---

Result<bool> OrganizationImportService::work(Instant now) {
    return database_.transact(Actor::system(), [&](db::Transaction& tx) -> Result<bool> {
        const auto one = TRY(files_.take(tx));
        if (!one) {
            return false;
        }
        TRY(store_.alone(tx));
        std::vector<ImportRow> rows;
        std::ranges::transform(TRY(files_.rows(tx, one->id, ImportFilter::ready, 0, limits::kImportChunk)),
                               std::back_inserter(rows), import_row);
        if (rows.empty()) {
            TRY(files_.finish(tx, Actor::system(), *one, now));
            return true;
        }
        const auto starter = files_.starter_of(tx, *one, now);
        if (!starter && starter.error().kind != ErrorKind::forbidden) {
            return failure(starter.error());
        }
        if (!starter) {
            for (auto& row : rows) {
                fail(row, FileColumn::name, "import_rights_lost");
            }
            TRY(keep_rows(tx, *one, rows));
            return true;
        }
        TRY(make_rows(tx, *one, *starter, std::move(rows), now));
        return true;
    });
}

Result<void> OrganizationImportService::keep_rows(db::Transaction& tx, const FileImport& one,
                                                  const std::vector<ImportRow>& rows) const {
    std::vector<FileRow> kept_rows;
    std::ranges::transform(rows, std::back_inserter(kept_rows), kept);
    return files_.update_rows(tx, one.id, kept_rows);
}

// Checked once more as things stand now, so that what somebody else registered meanwhile is known and not made twice.
Result<void> OrganizationImportService::make_rows(db::Transaction& tx, const FileImport& one,
                                                  const Principal& principal, std::vector<ImportRow> rows,
                                                  Instant now) {
    for (auto& row : rows) {
        row.accepted = true;  // they were ready: whatever warned of them was looked at
    }
    auto around = TRY(surroundings(tx, rows, one.path));
    around.ids.clear();  // the worker sees every organization; what the issuer saw of them was looked at in the check
    check_rows(rows, principal, around, now);
    const auto ids = TRY(store_.next_ids(tx, rows.size()));
    std::vector<OrganizationToMake> to_make;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto parent = std::ranges::find(around.parents, rows[i].parent,
                                              [](const PossibleParent& possible) { return possible.organization.id; });
        const bool inside = parent != around.parents.end() && parent->organization.path.starts_with(one.path);
        const auto checked = inside && rows[i].state == ImportRowState::ready
                                 ? check(command_of(rows[i]), parent->organization.kind, parent->prefecture_code)
                                 : Result<CheckedOrganization>(failure(ErrorKind::conflict, "stale"));
        if (checked) {
            to_make.push_back({rows[i].number, {ids[i]}, checked->organization, search_text(checked->organization)});
            to_make.back().organization.path = parent->organization.path + std::to_string(ids[i]) + ".";
        } else if (rows[i].state != ImportRowState::known) {
            fail(rows[i], FileColumn::parent_name, "import_changed_meanwhile");
        }
    }
    const auto made = TRY(store_.make(tx, to_make, now));
    auto actor = as_oneself(principal);
    actor.organization = one.organization;
    std::vector<audit::Entry> entries;
    for (const auto& done : to_make) {
        const auto row = std::ranges::find(rows, done.row, &ImportRow::number);
        if (!made.contains(done.id.value)) {
            fail(*row, FileColumn::institution_code, "already_exists");
            continue;
        }
        row->state = ImportRowState::made;
        row->problems.clear();
        row->made = done.id;
        auto after = summary(done.organization);
        after["import"] = one.id.value;
        after["row"] = done.row;
        entries.push_back({.action = "organization.create",
                           .organization_path = done.organization.path,
                           .target_kind = "organization",
                           .target_id = done.id.value,
                           .target_name = done.organization.name,
                           .after = std::move(after)});
    }
    if (!entries.empty()) {
        TRY(audit_.append_many(tx, actor, entries, now));
    }
    return keep_rows(tx, one, rows);
}

}  // namespace madoguchi::directory
