// From the command line and the environment to an Invocation. Pure: touches no file and no network.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin-cli/command.hpp"

namespace madoguchi::admin_cli {

inline constexpr std::string_view kDefaultServer = "https://localhost:8443";
inline constexpr int kDefaultTimeoutSeconds = 30;
inline constexpr int kMaximumTimeoutSeconds = 600;
inline constexpr int kDefaultRows = 50;
inline constexpr int kMaximumRows = 1'000'000;  // a typing error should not fill the memory; --all has no limit

enum class OutputFormat { table, json, csv };
enum class Purpose { run, help, version };

struct Settings {
    std::string server = std::string(kDefaultServer);  // scheme, host and port; no slash at the end
    std::string ca_file = {};
    std::string token_file = {};  // of a script's API token; empty: MADOGUCHI_TOKEN or the kept sign-in
    OutputFormat output = OutputFormat::table;
    bool yes = false;
    bool dry_run = false;
    bool quiet = false;
    std::chrono::seconds timeout{kDefaultTimeoutSeconds};
    Language language = Language::en;
};

struct Invocation {
    Purpose purpose = Purpose::run;
    const Command* command = nullptr;  // null for help of the program or of a group
    std::string group = {};            // for help of a group
    Settings settings = {};
    std::map<std::string, std::string, std::less<>> options = {};  // the command's own; flags hold ""
    std::vector<std::string> arguments = {};

    bool has(std::string_view option) const { return options.find(option) != options.end(); }
    std::optional<std::string> option(std::string_view name) const;
};

/// The age bands of a daily report, as the server names them, in the order of its form.
inline constexpr std::array<std::string_view, 14> kAgeBandFields = {
    "age_0",  "age_1_4",   "age_5_9",   "age_10", "age_20", "age_30", "age_40",
    "age_50", "age_60_64", "age_65_69", "age_70", "age_80", "age_90", "age_unknown"};
inline constexpr int kLargestFigure = 999'999;

/// The words of a list with commas or spaces.
std::vector<std::string> words_of(std::string_view list);

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// `arguments` without the program's name. Errors: usage.
Outcome<Invocation> parse_command_line(const std::vector<std::string>& arguments, const Environment& environment);

/// The language to speak even when the command line can't be parsed: --lang, else LC_ALL, LC_MESSAGES, LANG.
Language choose_language(const std::vector<std::string>& arguments, const Environment& environment);

using Now = std::chrono::system_clock::time_point;

/// "2026-04-01" becomes the start of that day in Japan, "90m", "1h" and "7d" that long before `now`; a whole RFC 3339
/// time stays. Nothing for anything else.
std::optional<std::string> to_time(std::string_view text, Now now);

}  // namespace madoguchi::admin_cli
