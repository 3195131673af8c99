// What the program's exit code promises to scripts. The same table stands in --help and in the README.
#pragma once

#include <array>

#include "admin-cli/texts.hpp"

namespace madoguchi::admin_cli {

enum class ExitCode : int {
    ok = 0,
    usage = 1,
    difference = 2,
    invalid_input = 3,
    not_signed_in = 4,
    forbidden = 5,
    conflict = 6,
    unavailable = 7,
    network = 8,
    not_confirmed = 9,
    failed = 10,
};

struct ExitCodeMeaning {
    ExitCode code;
    Text meaning;
};

inline constexpr std::array<ExitCodeMeaning, 11> kExitCodes{{
    {ExitCode::ok,
     {"done; also when it now waits for a second person's approval (the output says so)",
      "成功。承認待ちになった場合も含む（その旨を表示する）"}},
    {ExitCode::usage,
     {"the command line is wrong; nothing was sent", "コマンドの書き方に誤りがある。何も送信していない"}},
    {ExitCode::difference,
     {"a check found a difference (audit verify: the log was changed or cut; apply --check)",
      "検査で不一致が見つかった（audit verify：記録の改変や欠落。apply --check）"}},
    {ExitCode::invalid_input,
     {"the server refused a field (HTTP 400): the message names field and rule",
      "入力項目に誤りがある（HTTP 400）。項目と規則を表示する"}},
    {ExitCode::not_signed_in,
     {"not signed in, or the sign-in was refused (HTTP 401)", "サインインしていない、または拒否された（HTTP 401）"}},
    {ExitCode::forbidden,
     {"not allowed, or not found in your jurisdiction (HTTP 403, 404)",
      "権限がない、または管轄内に見つからない（HTTP 403、404）"}},
    {ExitCode::conflict, {"conflicts with the present state (HTTP 409, 412)", "現在の状態と矛盾する（HTTP 409、412）"}},
    {ExitCode::unavailable,
     {"too many requests, or the server is busy: try again later (HTTP 429, 502 to 504)",
      "要求が多すぎる、またはサーバーが混雑している。後でやり直す（HTTP 429、502〜504）"}},
    {ExitCode::network,
     {"the server could not be reached, or its certificate could not be verified",
      "サーバーに接続できない、または証明書を確認できない"}},
    {ExitCode::not_confirmed,
     {"not confirmed: declined, or there was no terminal to ask on and no --yes",
      "確認が得られなかった（取り消した、または端末がなく --yes もない）"}},
    {ExitCode::failed,
     {"the server failed, or something on this computer did (disk full, file unreadable)",
      "サーバーの障害、またはこの端末側の障害（容量不足、ファイルを読めないなど）"}},
}};

/// The exit code that a refused request ends with.
ExitCode exit_code_for_status(int http_status);

}  // namespace madoguchi::admin_cli
