// The command line and the API's document say the same: every request of a command is an operation of the document, and
// every operation can be asked for by a command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <regex>
#include <set>

#include "admin-cli/command.hpp"
#include "support/source_directory.hpp"

namespace madoguchi::admin_cli {
namespace {

using Operations = std::set<std::string>;  // "POST /accounts/{}/suspend"

// Commands with a function of their own.
const std::map<std::string, Operations> kByFunction = {
    {"sign-in", {"POST /sign-in", "POST /sign-in/challenge", "POST /sign-in/second-step"}},
    {"sign-out", {"POST /sign-out"}},
    {"prove", {"POST /me/confirm"}},
    {"me", {"GET /me"}},
    {"session list", {"GET /me/sessions"}},
    {"session end", {"POST /me/sessions/{}/end"}},
    {"session end-others", {"POST /me/sessions/end-others"}},
    {"organization create", {"POST /organizations"}},
    {"organization list", {"GET /organizations"}},
    {"organization show", {"GET /organizations/{}"}},
    {"organization import", {"POST /organization-imports"}},
    {"account issue", {"POST /accounts"}},
    {"account list", {"GET /accounts"}},
    {"account show", {"GET /accounts/{}"}},
    {"account slowed", {"GET /accounts/slowed"}},
    {"account import", {"POST /account-batches"}},
    {"role grant", {"POST /grants"}},
    {"role revoke", {"POST /grants/{}/revoke"}},
    {"role list", {"GET /grants"}},
    {"request list", {"GET /requests"}},
    {"request approve", {"POST /requests/{}/approve"}},
    {"request decline", {"POST /requests/{}/decline"}},
    {"report import", {"POST /report-imports"}},
    {"schedule set", {"PUT /organizations/{}/report-schedule"}},
    {"audit list", {"GET /audit"}},
    {"audit verify", {"GET /audit/verification"}},
    {"token make", {"POST /tokens"}},
    {"token list", {"GET /tokens"}},
    {"token revoke", {"POST /tokens/{}/revoke"}},
    {"apply", {}},
    {"completion", {}},
    {"manual", {}}};

// A password is forgotten on the page that says so, by somebody without a session.
const Operations kInABrowser = {"POST /password/forgotten", "POST /password/forgotten/prove"};

std::string_view method_of(Call::How how) {
    switch (how) {
        case Call::How::post:
        case Call::How::save:
            return "POST";
        case Call::How::put:
            return "PUT";
        case Call::How::edit:
            return "PATCH";
        case Call::How::remove:
            return "DELETE";
        default:
            return "GET";
    }
}

std::string without_names(const std::string& path) {
    return std::regex_replace(path, std::regex("\\{[^}]*\\}"), "{}");
}

// Acts stand in the document as one path with the words that it takes.
void add(Operations& out, const std::string& method, const std::string& path, const YAML::Node& parameters) {
    for (const auto& parameter : parameters) {
        const auto name = parameter["name"].as<std::string>("");
        const auto place = path.find("{" + name + "}");
        if (!name.empty() && place != std::string::npos && parameter["schema"]["enum"]) {
            for (const auto& word : parameter["schema"]["enum"]) {
                add(out, method, std::string(path).replace(place, name.size() + 2, word.as<std::string>()),
                    YAML::Node());
            }
            return;
        }
    }
    out.insert(method + " " + without_names(path));
}

Operations documented() {
    Operations out;
    const auto document = YAML::LoadFile(test::source_directory() + "/templates/api/openapi.yaml");
    for (const auto& path : document["paths"]) {
        for (const auto& [name, method] :
             {std::pair("get", "GET"), {"post", "POST"}, {"put", "PUT"}, {"patch", "PATCH"}, {"delete", "DELETE"}}) {
            if (path.second[name]) {
                add(out, method, path.first.as<std::string>(), path.second["parameters"]);
            }
        }
    }
    return out;
}

Operations asked_for() {
    Operations out;
    for (const Command& command : all_commands()) {
        const auto own = kByFunction.find(command.words());
        if (!command.call.path.empty()) {
            out.insert(std::string(method_of(command.call.how)) + " " + without_names(std::string(command.call.path)));
        } else if (own != kByFunction.end()) {
            out.insert(own->second.begin(), own->second.end());
        } else if (command.group == "account") {
            out.insert("POST /accounts/{}/" + std::string(command.verb));
        } else {
            ADD_FAILURE() << command.words() << ": which operation is it?";
        }
    }
    return out;
}

TEST(AdminCliOperations, EveryRequestIsInTheDocument) {
    const auto known = documented();
    for (const auto& operation : asked_for()) {
        EXPECT_TRUE(known.contains(operation)) << operation;
    }
}

TEST(AdminCliOperations, EveryOperationHasACommand) {
    const auto asked = asked_for();
    for (const auto& operation : documented()) {
        EXPECT_TRUE(asked.contains(operation) || kInABrowser.contains(operation)) << operation;
    }
}

TEST(AdminCliOperations, ArgumentsHaveTheirPlaces) {
    for (const Command& command : all_commands()) {
        for (std::size_t i = 0; i < command.arguments.size() && !command.call.path.empty(); ++i) {
            EXPECT_NE(command.call.path.find("{" + std::to_string(i) + "}"), std::string_view::npos) << command.words();
        }
        EXPECT_FALSE(command.examples.empty()) << command.words();
        EXPECT_NE(command.run, nullptr) << command.words();
        for (const Option& own : command.options) {
            for (const Option& global : global_options()) {
                EXPECT_NE(own.long_name(), global.long_name()) << command.words();
            }
        }
    }
}

}  // namespace
}  // namespace madoguchi::admin_cli
