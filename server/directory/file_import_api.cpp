#include "directory/file_import_api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::directory {
namespace {

using http::Request;
using http::Response;

std::string place_of(std::size_t index) {
    return fmt::format("rows[{}]", index);
}

// --- rows in ---

// Fields of a row as "rows[12].name"; one reader a row would tell them without their row.
std::vector<std::string> read_row(const nlohmann::json& row, std::size_t index, const RowForm& form,
                                  FieldErrors& errors) {
    std::vector<std::string> cells(form.fields.sent.size());
    if (!row.is_object()) {
        errors.add(place_of(index), "field_not_object");
        return cells;
    }
    const auto& fields = form.fields.sent;
    for (const auto& [name, value] : row.items()) {
        const auto field = std::ranges::find(fields, std::string_view(name));
        const auto place = static_cast<std::size_t>(field - fields.begin());
        const bool number = place >= form.numbers_from && place < form.numbers_to && value.is_number_integer();
        if (field != fields.end() && (value.is_string() || number)) {
            cells.at(place) = number ? value.dump() : value.get<std::string>();
        } else {
            errors.add(fmt::format("{}.{}", place_of(index), name),
                       field == fields.end() ? "field_unknown" : "field_not_text");
        }
    }
    return cells;
}

std::vector<std::vector<std::string>> read_all(const nlohmann::json& body, std::size_t most, const RowForm& form,
                                               FieldErrors& errors) {
    const auto found = body.is_object() ? body.find("rows") : body.end();
    if (found == body.end() || !found->is_array() || found->empty()) {
        errors.add("rows", "field_not_rows");
        return {};
    }
    if (found->size() > most) {
        errors.add("rows", "too_many_rows", {{"maximum", std::to_string(most)}});
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    rows.reserve(found->size());
    for (const auto& row : *found) {
        rows.push_back(read_row(row, rows.size(), form, errors));
    }
    return rows;
}

// --- out ---

nlohmann::json to_json(const ImportView& view) {
    const auto& [one, counts] = view;
    nlohmann::json rows = {{"total", counts.total()}};
    for (const auto state : kImportRowStates) {
        rows[std::string(to_text(state))] = counts[state];
    }
    return {{"id", std::to_string(one.id.value)},
            {"name", one.file_name},
            {"state", to_text(one.state)},
            {"rows", std::move(rows)},
            {"created_at", format_rfc3339_japan(one.created_at)},
            {"created_by", one.created_by_name},
            {"started_at", http::optional_time(one.started_at)}};
}

std::string tag_of(const FileImport& one) {
    return http::entity_tag("import " + std::to_string(one.id.value) + " " + std::to_string(one.version));
}

Response answer(int status, const ImportView& view) {
    return Response::json(status, to_json(view)).with_header("ETag", tag_of(view.import));
}

Result<ImportId> wanted(const Request& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    return id ? Result<ImportId>(ImportId{*id}) : failure(ErrorKind::not_found, "not_found");
}

nlohmann::json to_json(const FileImportApi& api, const FileRow& row, Locale locale) {
    nlohmann::json out = api.outcome(row);
    out["row"] = row.number;
    out["state"] = to_text(row.state);
    out["cells"] = nlohmann::json::object();
    for (std::size_t i = 0; i < std::min(row.cells.size(), api.form.fields.sent.size()); ++i) {
        out["cells"][std::string(api.form.fields.sent[i])] = row.cells[i];
    }
    out["problems"] = nlohmann::json::array();
    for (const auto& problem : row.problems) {
        out["problems"].push_back({{"field", api.form.fields.sent_as(problem.column)},
                                   {"rule", problem.rule},
                                   {"message", api.texts.text("error." + problem.rule, locale, problem.values)},
                                   {"warning", problem.warning}});
    }
    return out;
}

// --- requests ---

Result<Response> begin(const FileImportApi& api, const Request& request) {
    const auto principal = TRY(api.guard(request));
    const auto sent = TRY(read_rows(request, api.form));
    const auto id = TRY(api.begin(principal, sent, request.now));
    auto view = TRY(api.show(principal, id, request.now));
    if (!sent.check_only && !sent.atomic && view.counts[ImportRowState::ready] > 0) {
        TRY(api.confirm(principal, id, view.import.version, request.now));
        api.confirmed();
        view = TRY(api.show(principal, id, request.now));
    }
    return answer(sent.atomic && !sent.check_only ? 201 : 202, view)
        .with_header("Location", api.path + "/" + std::to_string(id.value));
}

Result<Response> list(const FileImportApi& api, const Request& request) {
    const auto principal = TRY(api.guard(request));
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto page = TRY(page_of(request));
    auto found = TRY(api.list(principal, {page.after_id}, page.limit + 1, request.now));
    nlohmann::json out = {{"imports", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().import.id.value);
    }
    for (const auto& view : found) {
        out["imports"].push_back(to_json(view));
    }
    return Response::json(200, out);
}

Result<Response> rows(const FileImportApi& api, const Request& request) {
    const auto principal = TRY(api.guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "show"}));
    const auto id = TRY(wanted(request));
    const auto page = TRY(page_of(request));
    const auto show = request.query.find("show").value_or("all");
    if (show != "all" && show != "to_fix" && show != "failed") {
        return invalid_field("show", "unknown_value");
    }
    const auto filter = show == "to_fix"   ? ImportFilter::to_fix
                        : show == "failed" ? ImportFilter::failed
                                           : ImportFilter::all;
    auto found = TRY(api.rows(principal, id, filter, static_cast<int>(page.after_id), page.limit + 1, request.now));
    nlohmann::json out = {{"rows", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().number);
    }
    for (const auto& row : found) {
        out["rows"].push_back(to_json(api, row, request.locale));
    }
    return Response::json(200, out);
}

Result<Response> act(const FileImportApi& api, const Request& request) {
    const auto principal = TRY(api.guard(request));
    const auto id = TRY(wanted(request));
    const auto which = request.path_parameter("act");
    if (which != "confirm" && which != "drop") {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto view = TRY(api.show(principal, id, request.now));
    TRY(http::match_if_asked(request, tag_of(view.import)));
    if (which == "drop") {
        TRY(api.drop(principal, id, request.now));
    } else {
        TRY(api.confirm(principal, id, view.import.version, request.now));
        api.confirmed();
    }
    return answer(200, TRY(api.show(principal, id, request.now)));
}

}  // namespace

Result<SentRows> read_rows(const Request& request, const RowForm& form) {
    auto body = TRY(request.json());
    SentRows out;
    FieldErrors row_errors;
    const bool at_once = body.is_object() && body.value("atomic", nlohmann::json(false)) == true;
    out.rows = read_all(body, at_once ? form.most_at_once : form.most, form, row_errors);
    if (body.is_object()) {
        body.erase("rows");
    }
    http::JsonReader reader(body);
    out.name = reader.optional_text("name").value_or("API");
    out.accept_warnings = reader.flag("accept_warnings");
    out.check_only = reader.flag("check_only");
    out.atomic = reader.flag("atomic");
    reader.errors().take(std::move(row_errors).result().map([] { return true; }));
    TRY(reader.finish());
    return out;
}

void add_file_import_api(http::RouteTable& routes, const FileImportApi& api) {
    using Handler = Result<Response> (*)(const FileImportApi&, const Request&);
    const auto add = [&](http::Method method, const std::string& pattern, Handler handler,
                         http::RouteBody body = http::RouteBody::form) {
        routes.api(
            method, pattern, [api, handler](const Request& request) { return handler(api, request); }, body);
    };
    add(http::Method::post, api.path, begin, http::RouteBody::rows);
    add(http::Method::get, api.path, list);
    add(http::Method::get, api.path + "/{id}",
        [](const FileImportApi& with, const Request& request) -> Result<Response> {
            const auto principal = TRY(with.guard(request));
            TRY(http::known_query(request, {}));
            return answer(200, TRY(with.show(principal, TRY(wanted(request)), request.now)));
        });
    add(http::Method::get, api.path + "/{id}/rows", rows);
    add(http::Method::post, api.path + "/{id}/{act}", act);
}

}  // namespace madoguchi::directory
