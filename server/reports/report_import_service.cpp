#include "reports/report_import_service.hpp"

#include <algorithm>

#include "base/field_errors.hpp"
#include "base/file_limits.hpp"
#include "base/report_file_limits.hpp"

namespace madoguchi::reports {
namespace {

using directory::FileRow;
using directory::ImportRowState;
using directory::Permission;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

std::vector<FileRow> kept_rows(const std::vector<ReportRow>& rows) {
    std::vector<FileRow> out;
    out.reserve(rows.size());
    std::ranges::transform(rows, std::back_inserter(out), kept);
    return out;
}

EarlierReport earlier(const Report& report) {
    return {{report.date, report.kind, report.counts},
            report.receipt,
            reporter_of(report),
            format_japanese_date_time(report.submitted_at)};
}

FileRow failed(FileRow row, const Error& error, Instant now) {
    const bool of_a_field = !error.fields.empty();
    row.state = ImportRowState::failed;
    row.finished_at = now;
    row.problems = {{.column = std::string(report_column_name(report_column::kCode)),
                     .rule = of_a_field                               ? error.fields.front().message_id
                             : error.message_id == "already_reported" ? "report_file_meanwhile"
                             : error.kind == ErrorKind::not_found     ? "report_file_place"
                                                                      : error.message_id,
                     .values = of_a_field ? error.fields.front().values : error.values}};
    return row;
}

// What a script did not say that it means: reported to it, and not reported as figures.
void leave_out_doubtful(std::vector<FileRow>& rows) {
    for (auto& row : rows) {
        if (row.state == ImportRowState::bad || row.state == ImportRowState::warned) {
            row.state = ImportRowState::left_out;
        }
    }
}

bool is_refusal(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::conflict ||
           error.kind == ErrorKind::not_found || error.kind == ErrorKind::forbidden;
}

}  // namespace

// --- who ---

Result<ReportImportService::Viewer> ReportImportService::viewer(const Principal& principal, Instant now) const {
    if (const auto above = directory::acting(principal, Permission::report_proxy, now)) {
        return Viewer{above->front(), {}};  // the widest: it sees what the others see
    }
    const auto place = TRY(parts_.daily.place_of(principal, now));
    Actor actor = directory::as_oneself(principal);
    actor.organization = place.id;
    actor.jurisdiction = Jurisdiction(place.path);
    return Viewer{std::move(actor), place.id};
}

Result<bool> ReportImportService::for_others(const Principal& principal, Instant now) const {
    return !TRY(viewer(principal, now)).own;
}

template <class F>
auto ReportImportService::with_import(const Principal& principal, ImportId id, bool locked, Instant now, F&& use)
    -> std::invoke_result_t<F&, db::Transaction&, const Viewer&, const FileImport&> {
    using Outcome = std::invoke_result_t<F&, db::Transaction&, const Viewer&, const FileImport&>;
    const auto who = TRY(viewer(principal, now));
    return parts_.database.transact(who.actor, [&](db::Transaction& tx) -> Outcome {
        const auto found = locked ? TRY(files_.lock(tx, id)) : TRY(files_.find(tx, id));
        // A clinic's own file is no business of the health centre above it.
        if (!found || found->organization != who.actor.organization) {
            return hidden();
        }
        return use(tx, who, *found);
    });
}

// --- reading in ---

Result<ReportSurroundings> ReportImportService::surroundings(db::Transaction& tx, const Viewer& viewer,
                                                             const std::vector<ReportRow>& rows, Instant now) const {
    std::vector<std::string> codes;
    std::vector<std::int64_t> ids;
    for (const auto& row : rows) {
        if (const auto code = code_in(row.cells); !code.empty()) {
            codes.push_back(code);
            codes.push_back("0" + code);  // a zero that was lost
        }
        ids.push_back(organization_in(row.cells).value);
    }
    ReportSurroundings out{.own = viewer.own, .for_others = !viewer.own};
    for (auto& place : TRY(store_.places(tx, codes, ids))) {
        if (!place.code.empty()) {
            out.by_code[place.code] = place;  // an open one comes after a closed one with its code
        }
        out.by_id[place.organization.id] = std::move(place);
    }
    // Of each row what is there already; of those that may be reported, four weeks to compare with.
    std::vector<std::int64_t> asked, compared;
    std::vector<std::string> dates;
    const auto today = date_at(now);
    for (const auto& row : rows) {
        const auto date = date_in(row.cells);
        const auto by_code = out.by_code.find(code_in(row.cells));
        const auto place = by_code != out.by_code.end() ? by_code->second.organization.id : organization_in(row.cells);
        if (date && out.by_id.contains(place)) {
            asked.push_back(place.value);
            dates.push_back(to_text(*date));
            if (*date >= first_receivable(now) && *date <= today) {
                compared.push_back(place.value);
            }
        }
    }
    auto reported = TRY(store_.reported_on(tx, asked, dates));
    const auto from = days_before(first_receivable(now), limits::kReportUsualDays);
    std::ranges::move(TRY(store_.reported(tx, compared, from, today)), std::back_inserter(reported));
    for (const auto& report : reported) {
        out.reported[report.organization][report.date] = earlier(report);
    }
    return out;
}

Result<ImportId> ReportImportService::upload(const Principal& principal, const std::string& file_name,
                                             std::string_view bytes, Instant now) {
    const auto who = TRY(viewer(principal, now));
    const auto file = TRY(read_reports(TRY(spreadsheet::read_sheet(file_name, bytes))));
    return parts_.database.transact(who.actor, [&](db::Transaction& tx) -> Result<ImportId> {
        std::vector<ReportRow> rows;
        rows.reserve(file.rows.size());
        for (const auto& [number, cells] : file.rows) {
            rows.push_back({.number = number, .cells = cells});
        }
        check_rows(rows, TRY(surroundings(tx, who, rows, now)), now);
        return files_.keep(tx, who.actor, principal.name,
                           {.file_name = directory::shown_file_name(file_name), .columns = to_text(file.places)},
                           kept_rows(rows), now);
    });
}

Result<ImportId> ReportImportService::begin(const Principal& principal, const directory::SentRows& sent, Instant now) {
    const auto who = TRY(viewer(principal, now));
    return parts_.database.transact(who.actor, [&](db::Transaction& tx) -> Result<ImportId> {
        std::vector<ReportRow> rows;
        rows.reserve(sent.rows.size());
        for (const auto& cells : sent.rows) {
            ReportRow row{.number = static_cast<int>(rows.size()) + 1, .cells = {}, .accepted = sent.accept_warnings};
            std::ranges::copy(cells, row.cells.begin());
            rows.push_back(std::move(row));
        }
        check_rows(rows, TRY(surroundings(tx, who, rows, now)), now);
        auto kept = kept_rows(rows);
        const bool at_once = sent.atomic && !sent.check_only;
        if (at_once) {
            TRY(all_ready(kept, kReportFields));
        } else if (!sent.check_only) {
            leave_out_doubtful(kept);
        }
        const FileImport one{.file_name = directory::shown_file_name(sent.name), .columns = {}};
        const auto id = TRY(files_.keep(tx, who.actor, principal.name, one, kept, now));
        if (at_once) {
            TRY(report_whole(tx, principal, who, id, now));
        }
        return id;
    });
}

Result<void> ReportImportService::report_whole(db::Transaction& tx, const Principal& principal, const Viewer& who,
                                               ImportId id, Instant now) const {
    const auto checked = TRY(files_.find(tx, id)).value();
    TRY(files_.confirm(tx, who.actor, principal.name, checked, checked.version, now));
    const auto one = TRY(files_.find(tx, id)).value();
    auto rows = TRY(files_.rows(tx, id, ImportFilter::ready, 0, 0));
    std::ranges::stable_sort(rows, {}, [](const FileRow& row) { return row.organization.value; });  // as the worker
    for (auto& row : rows) {
        row = TRY(report_row(tx, one, principal, std::move(row), now));
    }
    TRY(files_.update_rows(tx, id, rows));
    return files_.finish(tx, who.actor, one, now);
}

Result<ReportImportView> ReportImportService::show(const Principal& principal, ImportId id, Instant now) {
    return with_import(principal, id, false, now,
                       [&](db::Transaction& tx, const Viewer&, const FileImport& one) -> Result<ReportImportView> {
                           const auto counts = TRY(files_.counts(tx, id));
                           return ReportImportView{one, counts};
                       });
}

Result<std::vector<ReportImportView>> ReportImportService::list(const Principal& principal, ImportId before, int limit,
                                                                Instant now) {
    const auto who = TRY(viewer(principal, now));
    return parts_.database.transact(who.actor, [&](db::Transaction& tx) -> Result<std::vector<ReportImportView>> {
        std::vector<ReportImportView> out;
        for (auto& one : TRY(files_.list(tx, before, limit))) {
            if (one.organization == who.actor.organization) {
                const auto counts = TRY(files_.counts(tx, one.id));
                out.push_back({std::move(one), counts});
            }
        }
        return out;
    });
}

Result<std::vector<FileRow>> ReportImportService::rows(const Principal& principal, ImportId id, ImportFilter filter,
                                                       int after, int limit, Instant now) {
    return with_import(principal, id, false, now, [&](db::Transaction& tx, const Viewer&, const FileImport&) {
        return files_.rows(tx, id, filter, after, limit);
    });
}

Result<ReportImportFigures> ReportImportService::figures(const Principal& principal, ImportId id, int after, int limit,
                                                         Instant now) {
    return with_import(principal, id, false, now,
                       [&](db::Transaction& tx, const Viewer&, const FileImport&) -> Result<ReportImportFigures> {
                           const auto all = TRY(files_.rows(tx, id, ImportFilter::finished, 0, 0));
                           std::vector<std::int64_t> ids;
                           ids.reserve(all.size());
                           for (const auto& row : all) {
                               ids.push_back(row.organization.value);
                           }
                           std::map<OrganizationId, ReportPlace> places;
                           for (auto& place : TRY(store_.places(tx, {}, ids))) {
                               places[place.organization.id] = std::move(place);
                           }
                           ReportImportFigures out;
                           for (const auto& row : all) {
                               const auto figures = figures_in(reports::report_row(row).cells);
                               if (!figures) {
                                   continue;
                               }
                               if (row.state != ImportRowState::failed) {
                                   for (std::size_t band = 0; band < kAgeBands; ++band) {
                                       out.sum.of.at(band) += figures->counts.of.at(band);
                                   }
                                   ++out.reports;
                                   out.closed += figures->kind == ReportKind::closed ? 1 : 0;
                                   out.warned += row.accepted ? 1 : 0;
                               }
                               if (row.number > after && out.lines.size() < static_cast<std::size_t>(limit)) {
                                   const auto& place = places[row.organization];
                                   out.lines.push_back({row.number, place.code, place.organization.name, *figures,
                                                        row.state, row.problems, row.outcome, row.finished_at});
                               } else {
                                   out.more = out.more || row.number > after;
                               }
                           }
                           return out;
                       });
}

// --- deciding ---

Result<ReportImportService::RowErrors> ReportImportService::confirm_rows(const Principal& principal, ImportId id,
                                                                         const RowsAgain& again, Instant now) {
    return with_import(principal, id, true, now,
                       [&](db::Transaction& tx, const Viewer&, const FileImport& one) -> Result<RowErrors> {
                           TRY(directory::FileImportService::still_checked(one));
                           RowErrors errors;
                           std::vector<FileRow> changed;
                           for (auto& row : TRY(files_.rows(tx, id, ImportFilter::to_fix, 0, 0))) {
                               const auto typed = again.find(row.number);
                               if (row.state != ImportRowState::warned || typed == again.end()) {
                                   continue;
                               }
                               if (auto right = confirmed(reports::report_row(row), typed->second); !right) {
                                   errors[row.number] = right.error().fields;
                                   continue;
                               }
                               row.state = ImportRowState::ready;
                               row.accepted = true;
                               changed.push_back(std::move(row));
                           }
                           TRY(files_.update_rows(tx, id, changed));
                           TRY(files_.touch(tx, id));
                           return errors;
                       });
}

Result<void> ReportImportService::leave_out(const Principal& principal, ImportId id, const std::vector<int>& numbers,
                                            Instant now) {
    return with_import(
        principal, id, true, now, [&](db::Transaction& tx, const Viewer&, const FileImport& one) -> Result<void> {
            TRY(directory::FileImportService::still_checked(one));
            std::vector<FileRow> changed;
            for (auto& row : TRY(files_.rows(tx, id, ImportFilter::to_fix, 0, 0))) {
                if (row.state == ImportRowState::warned && std::ranges::find(numbers, row.number) != numbers.end()) {
                    row.state = ImportRowState::left_out;
                    changed.push_back(std::move(row));
                }
            }
            TRY(files_.update_rows(tx, id, changed));
            return files_.touch(tx, id);
        });
}

Result<void> ReportImportService::leave_out_bad(const Principal& principal, ImportId id, Instant now) {
    return with_import(principal, id, true, now,
                       [&](db::Transaction& tx, const Viewer&, const FileImport& one) -> Result<void> {
                           TRY(directory::FileImportService::still_checked(one));
                           auto rows = TRY(files_.rows(tx, id, ImportFilter::to_fix, 0, 0));
                           std::erase_if(rows, [](const FileRow& row) { return row.state != ImportRowState::bad; });
                           for (auto& row : rows) {
                               row.state = ImportRowState::left_out;
                           }
                           TRY(files_.update_rows(tx, id, rows));
                           return files_.touch(tx, id);
                       });
}

Result<void> ReportImportService::confirm(const Principal& principal, ImportId id, int version, Instant now) {
    return with_import(principal, id, true, now,
                       [&](db::Transaction& tx, const Viewer& who, const FileImport& one) -> Result<void> {
                           const auto counts = TRY(files_.counts(tx, id));
                           if (counts[ImportRowState::bad] + counts[ImportRowState::warned] > 0) {
                               return failure(ErrorKind::invalid, "report_file_not_looked_at");
                           }
                           return files_.confirm(tx, who.actor, principal.name, one, version, now);
                       });
}

Result<void> ReportImportService::drop(const Principal& principal, ImportId id, Instant now) {
    return with_import(principal, id, true, now, [&](db::Transaction& tx, const Viewer& who, const FileImport& one) {
        return files_.drop(tx, who.actor, one, now);
    });
}

// --- the worker ---

Result<FileRow> ReportImportService::report_row(db::Transaction& tx, const FileImport& one, const Principal& principal,
                                                FileRow row, Instant now) const {
    const auto figures = TRY(figures_in(reports::report_row(row).cells));
    const auto who = TRY(viewer(principal, now));
    const auto key = "import-" + std::to_string(one.id.value) + "-" + std::to_string(row.number);
    Result<Report> done = hidden();
    if (!who.own) {
        TRY(may_import_for_others(figures.date, now));
        done = parts_.proxy.submit_within(tx, principal,
                                          {.organization = row.organization,
                                           .date = figures.date,
                                           .kind = figures.kind,
                                           .counts = figures.counts,
                                           .received_at = one.created_at,
                                           .note = one.file_name,
                                           .key = key},
                                          now);
    } else if (row.organization == who.own) {
        done = parts_.daily.submit_within(tx, principal,
                                          {.date = figures.date,
                                           .kind = figures.kind,
                                           .counts = figures.counts,
                                           .adjustment = std::nullopt,
                                           .key = key},
                                          ReportChannel::import, now);
    }
    const auto report = TRY(done);
    row.state = ImportRowState::made;
    row.problems.clear();
    row.made = report.id;
    row.outcome = report.receipt;
    row.finished_at = report.submitted_at;
    return row;
}

Result<bool> ReportImportService::work(Instant now) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<bool> {
        const auto one = TRY(files_.take(tx));
        if (!one) {
            return false;
        }
        auto rows = TRY(files_.rows(tx, one->id, ImportFilter::ready, 0, limits::kReportImportChunk));
        if (rows.empty()) {
            TRY(files_.finish(tx, Actor::system(), *one, now));
            return true;
        }
        const auto starter = files_.starter_of(tx, *one, now);
        if (!starter && !is_refusal(starter.error())) {
            return failure(starter.error());
        }
        // Every worker takes organizations in one order, so that two files never wait for each other.
        std::ranges::stable_sort(rows, {}, [](const FileRow& row) { return row.organization.value; });
        for (auto& row : rows) {
            auto done = starter ? report_row(tx, *one, *starter, row, now) : failure(starter.error());
            if (!done && !is_refusal(done.error())) {
                return failure(done.error());
            }
            row = done ? std::move(*done) : failed(std::move(row), done.error(), now);
        }
        TRY(files_.update_rows(tx, one->id, rows));
        return true;
    });
}

// --- out ---

Result<std::vector<ExportedReport>> ReportImportService::exported(const Principal& principal, const Range& range,
                                                                  Instant now) {
    FieldErrors errors;
    if (range.to < range.from) {
        errors.add("from", "days_reversed");
    } else if ((range.to.day - range.from.day).count() >= limits::kReportExportDays) {
        errors.add("from", "days_too_many", {{"maximum", std::to_string(limits::kReportExportDays)}});
    }
    TRY(std::move(errors).result());
    std::vector<ExportedReport> out;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::see_reports, now))) {
        ReportImportStore::Position after{days_before(range.from, 1), {}};
        for (bool more = true; more;) {
            auto some = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) {
                return store_.exported(tx, range.from, range.to, range.as_of, after, limits::kListFilePortion);
            }));
            more = some.size() == static_cast<std::size_t>(limits::kListFilePortion);
            std::ranges::move(some, std::back_inserter(out));
            if (out.size() > static_cast<std::size_t>(limits::kListFileRows)) {
                return failure(Error{.kind = ErrorKind::invalid,
                                     .message_id = "list_too_long",
                                     .values = {{"maximum", std::to_string(limits::kListFileRows)}}});
            }
            if (more) {
                after = {out.back().report.date, out.back().report.organization};
            }
        }
    }
    TRY(parts_.audit.note(directory::as_oneself(principal),
                          {.action = "report.export",
                           .organization_path = principal.home.path,
                           .target_kind = "organization",
                           .target_id = principal.home.id.value,
                           .target_name = principal.home.name,
                           .after = {{"from", to_text(range.from)}, {"to", to_text(range.to)}, {"rows", out.size()}}},
                          now));
    return out;
}

Result<std::vector<ReportPlace>> ReportImportService::unreported(const Principal& principal, ReportDate date,
                                                                 Instant now) {
    const auto who = TRY(viewer(principal, now));
    return parts_.database.transact(
        who.actor, [&](db::Transaction& tx) { return store_.unreported(tx, date, who.own, limits::kReportFileRows); });
}

}  // namespace madoguchi::reports
