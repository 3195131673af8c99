#include "admin-cli/desired_state.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

namespace madoguchi::admin_cli {
namespace {

constexpr std::array<std::string_view, 7> kOrganizationFields = {
    "name", "kana", "institution_code", "local_government_code", "phone", "postal_code", "address"};
constexpr std::array<std::string_view, 4> kNameFields = {"family_name", "given_name", "family_kana", "given_kana"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& known, std::string_view name) {
    return std::ranges::find(known, name) != known.end();
}

class Reader {
public:
    explicit Reader(Language language) : language_(language) {}

    tl::unexpected<Failure> wrong(int line, const Text& what, const std::string& value) const {
        return fail(ExitCode::invalid_input, say(language_, texts::kApplyLine, line, say(language_, what, value)));
    }

    Outcome<void> take(DesiredOrganization& out, int line, const std::string& name, std::string value) const {
        if (name == "kind") {
            out.kind = std::move(value);
        } else if (name == "parent") {
            out.parent = std::move(value);
        } else if (name == "state") {
            out.state = std::move(value);
        } else if (name == "id") {
            out.key = std::move(value);
        } else if (is_one_of(kOrganizationFields, name)) {
            out.fields[name] = std::move(value);
        } else {
            return wrong(line, texts::kApplyUnknownField, name);
        }
        return {};
    }

    Outcome<void> take(DesiredAccount& out, int line, const std::string& name, std::string value) const {
        if (name == "organization") {
            out.organization = std::move(value);
        } else if (name == "login_id") {
            out.login_id = std::move(value);
        } else if (name == "state") {
            out.state = std::move(value);
        } else if (is_one_of(kNameFields, name)) {
            out.fields[name] = std::move(value);
        } else {
            return wrong(line, texts::kApplyUnknownField, name);
        }
        return {};
    }

    Outcome<void> take(DesiredRole& out, int line, const std::string& name, std::string value) const {
        if (name == "role") {
            out.role = std::move(value);
        } else if (name == "organization") {
            out.organization = std::move(value);
        } else if (name == "until") {
            out.until = std::move(value);
        } else {
            return wrong(line, texts::kApplyUnknownField, name);
        }
        return {};
    }

    Outcome<void> finish(DesiredOrganization& organization) const {
        const auto named = [&](const char* field) {
            const auto found = organization.fields.find(field);
            return found == organization.fields.end() ? std::string() : found->second;
        };
        for (const char* field : {"institution_code", "local_government_code", "name"}) {
            organization.key = organization.key.empty() ? named(field) : organization.key;
        }
        if (organization.key.empty()) {
            return wrong(organization.line, texts::kApplyNoKey, "id, institution_code, local_government_code, name");
        }
        return {};
    }

    Outcome<void> finish(const DesiredAccount& account) const {
        const bool named = account.fields.contains("family_name") && !account.organization.empty();
        if (account.login_id.empty() && !named) {
            return wrong(account.line, texts::kApplyNoKey, "login_id, organization + family_name");
        }
        return {};
    }

    // --- YAML ---

    static int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

    Outcome<std::string> text(const YAML::Node& node, const std::string& name) const {
        if (!node.IsScalar()) {
            return wrong(line_of(node), texts::kApplyNotText, name);
        }
        return node.Scalar();
    }

    Outcome<DesiredOrganization> organization(const YAML::Node& node) const {
        DesiredOrganization out{.line = line_of(node)};
        if (!node.IsMap()) {
            return wrong(out.line, texts::kApplyNotMapping, "organizations");
        }
        for (const auto& entry : node) {
            const auto name = entry.first.Scalar();
            CLI_TRY(take(out, line_of(entry.first), name, CLI_TRY(text(entry.second, name))));
        }
        CLI_TRY(finish(out));
        return out;
    }

    Outcome<DesiredRole> role(const YAML::Node& node) const {
        DesiredRole out;
        if (node.IsScalar()) {
            out.role = node.Scalar();
            return out;
        }
        if (!node.IsMap()) {
            return wrong(line_of(node), texts::kApplyNotMapping, "roles");
        }
        for (const auto& entry : node) {
            const auto name = entry.first.Scalar();
            CLI_TRY(take(out, line_of(entry.first), name, CLI_TRY(text(entry.second, name))));
        }
        return out;
    }

    Outcome<DesiredAccount> account(const YAML::Node& node) const {
        DesiredAccount out{.line = line_of(node)};
        if (!node.IsMap()) {
            return wrong(out.line, texts::kApplyNotMapping, "accounts");
        }
        for (const auto& entry : node) {
            const auto name = entry.first.Scalar();
            if (name != "roles") {
                CLI_TRY(take(out, line_of(entry.first), name, CLI_TRY(text(entry.second, name))));
                continue;
            }
            out.roles.emplace();
            for (const auto& one : entry.second) {
                out.roles->push_back(CLI_TRY(role(one)));
            }
        }
        CLI_TRY(finish(out));
        return out;
    }

    Outcome<DesiredState> state(const YAML::Node& root) const {
        DesiredState out;
        if (!root.IsMap()) {
            return wrong(1, texts::kApplyNotMapping, "organizations, accounts");
        }
        for (const auto& entry : root) {
            const auto name = entry.first.Scalar();
            if (name != "organizations" && name != "accounts") {
                return wrong(line_of(entry.first), texts::kApplyUnknownField, name);
            }
            for (const auto& item : entry.second) {
                if (name == "organizations") {
                    out.organizations.push_back(CLI_TRY(organization(item)));
                } else {
                    out.accounts.push_back(CLI_TRY(account(item)));
                }
            }
        }
        return out;
    }

    // --- CSV ---

    Outcome<void> take_row(DesiredState& out, const std::vector<std::string>& headings, const CsvRow& row) const {
        std::string record;
        Fields cells;
        for (std::size_t i = 0; i < headings.size(); ++i) {
            const std::string value = i < row.cells.size() ? row.cells[i] : std::string();
            if (headings[i] == "record") {
                record = value;
            } else if (!value.empty()) {  // an empty cell says nothing
                cells[headings[i]] = value;
            }
        }
        if (record == "organization") {
            DesiredOrganization organization{.line = row.line};
            for (const auto& [name, value] : cells) {
                CLI_TRY(take(organization, row.line, name, value));
            }
            CLI_TRY(finish(organization));
            out.organizations.push_back(std::move(organization));
            return {};
        }
        if (record != "account") {
            return wrong(row.line, texts::kApplyUnknownRecord, record);
        }
        DesiredAccount account{.line = row.line};
        for (const auto& [name, value] : cells) {
            if (name == "role" || name == "until") {
                account.roles = account.roles.value_or(std::vector<DesiredRole>(1));
                CLI_TRY(take(account.roles->front(), row.line, name, value));
            } else {
                CLI_TRY(take(account, row.line, name, value));
            }
        }
        CLI_TRY(finish(account));
        add(out, std::move(account));
        return {};
    }

    // Several rows of one person are several roles of theirs.
    static void add(DesiredState& out, DesiredAccount account) {
        const auto same = std::ranges::find_if(out.accounts, [&](const DesiredAccount& other) {
            return other.login_id == account.login_id && other.organization == account.organization &&
                   other.fields == account.fields;
        });
        if (same == out.accounts.end() || !account.roles || !same->roles) {
            out.accounts.push_back(std::move(account));
        } else {
            same->roles->insert(same->roles->end(), account.roles->begin(), account.roles->end());
        }
    }

private:
    Language language_;
};

}  // namespace

std::string DesiredAccount::name() const {
    const auto part = [&](const char* field) {
        const auto found = fields.find(field);
        return found == fields.end() ? std::string() : found->second;
    };
    const auto given = part("given_name");
    return part("family_name") + (given.empty() ? "" : " " + given);
}

Outcome<DesiredState> desired_of_yaml(std::string_view text, Language language) {
    try {
        return Reader(language).state(YAML::Load(std::string(text)));
    } catch (const YAML::Exception& error) {
        return fail(ExitCode::invalid_input, say(language, texts::kApplyLine, error.mark.line + 1, error.msg));
    }
}

std::vector<CsvRow> csv_rows(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    std::vector<CsvRow> rows;
    int line = 1;
    CsvRow row{.line = line, .cells = {""}};
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        line += c == '\n' ? 1 : 0;
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            row.cells.back() += '"';
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ',') {
            row.cells.emplace_back();
        } else if (!quoted && c == '\n') {
            rows.push_back(std::exchange(row, CsvRow{.line = line, .cells = {""}}));
        } else if (quoted || c != '\r') {
            row.cells.back() += c;
        }
    }
    if (row.cells.size() > 1 || !row.cells.front().empty()) {
        rows.push_back(std::move(row));
    }
    std::erase_if(rows, [](const CsvRow& one) { return one.cells.size() == 1 && one.cells.front().empty(); });
    return rows;
}

Outcome<DesiredState> desired_of_csv(std::string_view text, Language language) {
    const Reader reader(language);
    const auto rows = csv_rows(text);
    if (rows.empty() || std::ranges::find(rows.front().cells, "record") == rows.front().cells.end()) {
        return reader.wrong(1, texts::kApplyNoKey, "record");
    }
    DesiredState out;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        CLI_TRY(reader.take_row(out, rows.front().cells, rows[i]));
    }
    return out;
}

}  // namespace madoguchi::admin_cli
