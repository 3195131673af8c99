#include "accounts/batch_api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/api_limits.hpp"
#include "base/limits.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {
namespace {

using HttpRequest = http::Request;
using http::Response;

constexpr std::string_view kPath = "/api/v1/account-batches";

std::string_view field_of(BatchColumn column) {
    return column == BatchColumn::code ? "institution_code" : to_text(column);
}

nlohmann::json optional_time(const std::optional<Instant>& instant) {
    return instant ? nlohmann::json(format_rfc3339_japan(*instant)) : nlohmann::json(nullptr);
}

nlohmann::json to_json(const BatchView& view) {
    const auto& [batch, counts, folded] = view;
    const int finished = counts[RowState::issued] + counts[RowState::known] + counts[RowState::failed];
    return {{"id", std::to_string(batch.id.value)},
            {"name", batch.file_name},
            {"state", to_text(batch.state)},
            {"stopped_because",
             batch.stopped_because.empty() ? nlohmann::json(nullptr) : nlohmann::json(batch.stopped_because)},
            {"rows",
             {{"total", counts.total()},
              {"ready", counts[RowState::ready]},
              {"warned", counts[RowState::warned]},
              {"bad", counts[RowState::bad]},
              {"left_out", counts[RowState::left_out]},
              {"known", counts[RowState::known]},
              {"issued", counts[RowState::issued]},
              {"failed", counts[RowState::failed]},
              {"finished", finished}}},
            {"created_at", format_rfc3339_japan(batch.created_at)},
            {"created_by", batch.created_by_name},
            {"started_at", optional_time(batch.started_at)},
            {"finished_at", optional_time(batch.finished_at)}};
}

std::string tag_of(const Batch& batch) {
    return http::entity_tag("batch " + std::to_string(batch.id.value) + " " + std::to_string(batch.version));
}

Response answer(int status, const BatchView& view) {
    return Response::json(status, to_json(view)).with_header("ETag", tag_of(view.batch));
}

Result<BatchId> wanted(const HttpRequest& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return BatchId{*id};
}

// --- rows in ---

// Fields of a row as "rows[12].family_name"; one reader a row would tell them without their row.
RowCells read_row(const nlohmann::json& row, std::size_t index, FieldErrors& errors) {
    const std::string place = "rows[" + std::to_string(index) + "]";
    RowCells cells;
    if (!row.is_object()) {
        errors.add(place, "field_not_object");
        return cells;
    }
    const auto refuse = [&](std::string_view name, const char* rule) {
        errors.add(fmt::format("{}.{}", place, name), rule);
    };
    for (const auto& [name, value] : row.items()) {
        const auto column = std::ranges::find(kAllBatchColumns, name, [](BatchColumn one) { return field_of(one); });
        if (column == kAllBatchColumns.end()) {
            refuse(name, "field_unknown");
        } else if (!value.is_string()) {
            refuse(name, "field_not_text");
        } else {
            at(cells, *column) = value.get<std::string>();
        }
    }
    return cells;
}

std::vector<RowCells> read_rows(const nlohmann::json& body, std::size_t most, FieldErrors& errors) {
    const auto found = body.is_object() ? body.find("rows") : body.end();
    if (found == body.end() || !found->is_array() || found->empty()) {
        errors.add("rows", "field_not_rows");
        return {};
    }
    if (found->size() > most) {
        errors.add("rows", "too_many_rows", {{"maximum", std::to_string(most)}});
        return {};
    }
    std::vector<RowCells> rows;
    rows.reserve(found->size());
    for (const auto& row : *found) {
        rows.push_back(read_row(row, rows.size(), errors));
    }
    return rows;
}

Result<Response> begin(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    auto body = TRY(request.json());
    FieldErrors row_errors;
    const bool whole = body.is_object() && body.value("atomic", nlohmann::json(false)) == true;
    RowsToIssue command;
    command.rows = read_rows(body, whole ? limits::kApiRowsAtomic : limits::kApiRows, row_errors);
    if (body.is_object()) {
        body.erase("rows");
    }
    http::JsonReader reader(body);
    command.name = reader.optional_text("name").value_or("API");
    command.warnings = reader.flag("accept_warnings") ? Warnings::accepted : Warnings::asked_again;
    const bool checks_only = reader.flag("check_only");
    reader.flag("atomic");
    reader.errors().take(std::move(row_errors).result().map([] { return true; }));
    TRY(reader.finish());
    if (whole && !checks_only) {
        const auto id = TRY(parts.batches.issue_whole(principal, command, request.now));
        return answer(201, TRY(parts.batches.show(principal, id, request.now)))
            .with_header("Location", std::string(kPath) + "/" + std::to_string(id.value));
    }
    const auto id = TRY(parts.batches.begin(principal, command, request.now));
    auto view = TRY(parts.batches.show(principal, id, request.now));
    if (!checks_only && view.counts[RowState::ready] > 0) {
        TRY(parts.batches.act(principal, id, BatchEvent::confirm, view.batch.version, request.now));
        parts.confirmed();
        view = TRY(parts.batches.show(principal, id, request.now));
    }
    return answer(202, view).with_header("Location", std::string(kPath) + "/" + std::to_string(id.value));
}

// --- looking ---

Result<Response> list(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto page = TRY(directory::page_of(request));
    auto found = TRY(parts.batches.list(principal, {page.after_id}, page.limit + 1, request.now));
    nlohmann::json out = {{"batches", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().batch.id.value);
    }
    for (const auto& view : found) {
        out["batches"].push_back(to_json(view));
    }
    return Response::json(200, out);
}

nlohmann::json problems_of(const BatchApiParts& parts, const HttpRequest& request, const BatchRow& row) {
    auto out = nlohmann::json::array();
    for (const auto& problem : row.problems) {
        nlohmann::json one = {{"field", field_of(problem.column)},
                              {"rule", problem.rule},
                              {"message", parts.texts.text("error." + problem.rule, request.locale, problem.values)},
                              {"warning", problem.warning}};
        if (!problem.suggestion.empty()) {
            one["suggestion"] = problem.suggestion;
        }
        out.push_back(std::move(one));
    }
    return out;
}

Result<Response> rows(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "show"}));
    const auto id = TRY(wanted(request));
    const auto page = TRY(directory::page_of(request));
    const auto show = request.query.find("show").value_or("all");
    if (show != "all" && show != "to_fix" && show != "failed") {
        return invalid_field("show", "unknown_value");
    }
    const auto filter = show == "to_fix" ? RowFilter::to_fix : show == "failed" ? RowFilter::failed : RowFilter::all;
    auto found =
        TRY(parts.batches.rows(principal, id, filter, static_cast<int>(page.after_id), page.limit + 1, request.now));
    nlohmann::json out = {{"rows", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().number);
    }
    const auto login_ids = TRY(parts.batches.login_ids(principal, id, request.now));
    for (const auto& row : found) {
        nlohmann::json one = {{"row", row.number}, {"state", to_text(row.state)}, {"account", nullptr}};
        for (const auto column : kAllBatchColumns) {
            one[std::string(field_of(column))] = at(row.cells, column);
        }
        const auto login_id = login_ids.find(row.number);
        if (row.account && login_id != login_ids.end()) {
            one["account"] = {{"id", std::to_string(row.account.value)}, {"login_id", login_id->second}};
        }
        one["problems"] = problems_of(parts, request, row);
        out["rows"].push_back(std::move(one));
    }
    return Response::json(200, out);
}

// --- acts ---

std::optional<BatchEvent> event_of(std::string_view act) {
    return act == "confirm"  ? std::optional(BatchEvent::confirm)
           : act == "stop"   ? std::optional(BatchEvent::stop)
           : act == "resume" ? std::optional(BatchEvent::resume)
           : act == "drop"   ? std::optional(BatchEvent::drop)
                             : std::nullopt;
}

Result<Response> act(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto event = event_of(request.path_parameter("act"));
    if (!event) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto view = TRY(parts.batches.show(principal, id, request.now));
    TRY(http::match_if_asked(request, tag_of(view.batch)));
    TRY(parts.batches.act(principal, id, *event, view.batch.version, request.now));
    parts.confirmed();
    return answer(200, TRY(parts.batches.show(principal, id, request.now)));
}

Result<Locale> language_of(http::JsonReader& reader) {
    const auto name = reader.optional_text("language").value_or("ja");
    if (name != "ja" && name != "en") {
        reader.errors().add("language", "unknown_value");
    }
    return name == "en" ? Locale::en : Locale::ja;
}

Response as_pdf(PrintedLetters printed) {
    return Response{200, "application/pdf", std::move(printed.pdf)};
}

Result<Response> batch_letters(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto first = reader.optional_integer("first_row").value_or(1);
    const auto last = reader.optional_integer("last_row").value_or(limits::kApiRows);
    const auto language = TRY(language_of(reader));
    TRY(reader.finish());
    const auto bounded = [](std::int64_t row) {
        return static_cast<int>(std::clamp<std::int64_t>(row, 0, limits::kApiRows));
    };
    return as_pdf(TRY(parts.letters.print_batch(principal, id, bounded(first), bounded(last), language, request.now)));
}

Result<Response> letter(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    const AccountId account{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto prints = reader.optional_integer("printed_before").value_or(0);
    const auto language = TRY(language_of(reader));
    TRY(reader.finish());
    return as_pdf(TRY(parts.letters.print(principal, account, static_cast<int>(prints), language, request.now)));
}

}  // namespace

void add_batch_api(http::RouteTable& routes, const BatchApiParts& parts) {
    using http::Method;
    using Handler = Result<Response> (*)(const BatchApiParts&, const HttpRequest&);
    const auto add = [&](Method method, const std::string& pattern, Handler handler,
                         http::RouteBody body = http::RouteBody::form) {
        routes.api(
            method, pattern, [parts, handler](const HttpRequest& request) { return handler(parts, request); }, body);
    };
    const std::string path(kPath);
    add(Method::post, path, begin, http::RouteBody::rows);
    add(Method::get, path, list);
    add(Method::get, path + "/{id}", [](const BatchApiParts& with, const HttpRequest& request) -> Result<Response> {
        const auto principal = TRY(with.guard(request));
        return answer(200, TRY(with.batches.show(principal, TRY(wanted(request)), request.now)));
    });
    add(Method::get, path + "/{id}/rows", rows);
    add(Method::post, path + "/{id}/letters", batch_letters);
    add(Method::post, path + "/{id}/{act}", act);
    add(Method::post, "/api/v1/accounts/{id}/letter", letter);
}

}  // namespace madoguchi::accounts
