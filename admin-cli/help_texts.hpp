// What --help says about each command, in English and Japanese.
#pragma once

#include "admin-cli/texts.hpp"

namespace madoguchi::admin_cli::help_texts {

// --- frame ---
inline constexpr Text kProgram{
    "madoguchi-admin: issues and looks after accounts of a Madoguchi server from the command line.",
    "madoguchi-admin：Madoguchi サーバーのアカウントをコマンドで発行・管理します。"};
inline constexpr Text kUsage{"Usage:", "使い方："};
inline constexpr Text kCommands{"Commands:", "コマンド："};
inline constexpr Text kGroups{"Groups of commands (madoguchi-admin account --help lists one):",
                              "コマンドのまとまり（madoguchi-admin account --help で一覧）："};
inline constexpr Text kArguments{"Arguments:", "引数："};
inline constexpr Text kOptions{"Options:", "オプション："};
inline constexpr Text kGlobalOptions{"Options of every command:", "すべてのコマンドに共通のオプション："};
inline constexpr Text kExamples{"Examples:", "例："};
inline constexpr Text kExitCodes{"Exit codes:", "終了コード："};
inline constexpr Text kRequired{"required", "必須"};
inline constexpr Text kMoreHelp{"Help for a command: madoguchi-admin account issue --help",
                                "各コマンドの説明：madoguchi-admin account issue --help"};
inline constexpr Text kPasswords{
    "Passwords and codes are typed at the terminal without echo or come by --password-stdin, --password-file and "
    "--code-stdin; they are never arguments.",
    "パスワードと認証コードは端末で表示せずに入力するか、--password-stdin、--password-file、--code-stdin "
    "で渡します。引数には書けません。"};

// --- the program itself ---
inline constexpr Text kCompletion{"Print completion for a shell", "シェルの補完スクリプトを出力する"};
inline constexpr Text kCompletionDetails{
    "The Debian package installs both. Descriptions in zsh are in the language of --lang.",
    "Debianパッケージは両方を入れます。zshの説明文は --lang の言語で出力します。"};
inline constexpr Text kShell{"bash or zsh", "bash または zsh"};
inline constexpr Text kCompletionExample{"for bash, from the next shell on", "bash用（次に開くシェルから）"};
inline constexpr Text kCompletionExampleZsh{"for zsh, where ~/.zfunc is in $fpath",
                                            "zsh用（~/.zfunc が $fpath にある場合）"};
inline constexpr Text kManual{"Print the manual page", "マニュアルページを出力する"};
inline constexpr Text kManualExample{"read it", "読む"};

// --- session ---
inline constexpr Text kSignIn{"Sign in with ID, password and second step",
                              "ID・パスワード・二段階認証でサインインする"};
inline constexpr Text kSignInDetails{
    "Keeps a short-lived token (one hour) for the server in a file that only you can read: "
    "$XDG_STATE_HOME/madoguchi/tokens.json or ~/.local/state/madoguchi/tokens.json.\n"
    "Lines from standard input are read when they are needed: first the password (--password-stdin), then the code "
    "(--code-stdin), so a program can write the code after it has received it.",
    "有効期間の短いトークン（1時間）を、自分だけが読めるファイルにサーバーごとに保存します："
    "$XDG_STATE_HOME/madoguchi/tokens.json または ~/.local/state/madoguchi/tokens.json\n"
    "標準入力は必要になった時に1行ずつ読みます。1行目がパスワード（--password-stdin）、次の行が認証コード（--code-"
    "stdin）です。"
    "コードを受け取ってから書き込むこともできます。"};
inline constexpr Text kLoginIdArgument{"login ID; asked for when left out", "ログインID（省略すると尋ねる）"};
inline constexpr Text kMethodOption{
    "second step to use: sms, voice or totp (default: the registered default; asked for when there are several)",
    "使う二段階認証：sms、voice、totp（既定：登録された既定の方法。複数あれば尋ねる）"};
inline constexpr Text kPasswordStdin{"read the password from standard input, one line",
                                     "パスワードを標準入力の1行から読む"};
inline constexpr Text kPasswordFile{
    "read the password from the first line of a file that only you can read (chmod 600)",
    "自分だけが読めるファイル（chmod 600）の1行目からパスワードを読む"};
inline constexpr Text kCodeStdin{"read the code from standard input, one line", "認証コードを標準入力の1行から読む"};
inline constexpr Text kSignInExample{"asks for password and code", "パスワードと認証コードを尋ねる"};
inline constexpr Text kSignInExampleMethod{"uses the authenticator app", "認証アプリを使う"};
inline constexpr Text kSignInExampleScript{"for a script: password from a file, code from standard input",
                                           "スクリプト用：パスワードはファイル、コードは標準入力から"};
inline constexpr Text kSignOut{"Sign out and forget the token", "サインアウトし、トークンを消す"};
inline constexpr Text kSignOutExample{"ends the session of this server", "このサーバーのセッションを終える"};
inline constexpr Text kMe{"Show who is signed in and what they may do", "サインイン中の本人と権限を表示する"};
inline constexpr Text kMeExample{"who am I, and what may I do?", "自分のアカウントと権限"};
inline constexpr Text kMeExampleJson{"the same for a program", "プログラム用"};

inline constexpr Text kSessionList{"List where you are signed in", "自分がサインイン中の端末の一覧"};
inline constexpr Text kSessionListExample{"browsers and command lines", "ブラウザーとコマンドライン"};
inline constexpr Text kSessionEnd{"End one of your sessions", "自分のセッションを1つ終了する"};
inline constexpr Text kSessionArgument{"ID of the session, from \"session list\"",
                                       "セッションの番号（session list で確認）"};
inline constexpr Text kSessionEndExample{"a computer that you left", "離れた端末のサインインを終える"};
inline constexpr Text kSessionEndOthers{"End all your sessions but this one", "このセッション以外をすべて終了する"};
inline constexpr Text kSessionEndOthersExample{"you suspect that somebody else is in", "ほかの人の利用が疑われるとき"};

// --- organization ---
inline constexpr Text kOrganizationCreate{"Create an organization", "機関を登録する"};
inline constexpr Text kOrganizationCreateDetails{
    "The server checks codes, names and the place in the tree; --dry-run shows its notes without creating anything.",
    "コード、名称、上位機関はサーバーが検査します。--dry-run を付けると、登録せずに結果だけを確認できます。"};
inline constexpr Text kKindOption{
    "ministry, prefecture, health_center, facility, follow_up_center or helpdesk",
    "ministry、prefecture、health_center、facility、follow_up_center、helpdesk のいずれか"};
inline constexpr Text kParentOption{"ID of the organization above it", "上位機関の番号"};
inline constexpr Text kNameOption{"name", "名称"};
inline constexpr Text kKanaOption{"reading in katakana", "名称のカナ"};
inline constexpr Text kInstitutionCodeOption{"ten-digit code of a medical institution", "医療機関コード（10桁）"};
inline constexpr Text kGovernmentCodeOption{"six-digit local government code", "全国地方公共団体コード（6桁）"};
inline constexpr Text kPhoneOption{"phone number", "電話番号"};
inline constexpr Text kPostalCodeOption{"postal code", "郵便番号"};
inline constexpr Text kAddressOption{"address", "住所"};
inline constexpr Text kOrganizationCreateExample{"a clinic below health centre 205",
                                                 "保健所（205）の下に診療所を登録する"};
inline constexpr Text kOrganizationList{"List organizations", "機関の一覧"};
inline constexpr Text kQueryOption{"part of the name, reading or code", "名称・カナ・コードの一部"};
inline constexpr Text kOrganizationListExample{"all facilities, for a spreadsheet", "全施設を表計算ソフト用に出力する"};
inline constexpr Text kOrganizationListExampleSearch{"search by name", "名称で探す"};
inline constexpr Text kOrganizationShow{"Show one organization", "機関を1件表示する"};
inline constexpr Text kOrganizationArgument{"ID of the organization", "機関の番号"};
inline constexpr Text kOrganizationShowExample{"everything about organization 205", "機関205の内容"};

// --- account ---
inline constexpr Text kAccountIssue{"Issue an ID and an initial password", "IDと初期パスワードを発行する"};
inline constexpr Text kAccountIssueDetails{
    "Prints the initial password once; nobody can look it up later. It serves only to set an own password, at the "
    "first "
    "sign-in in a browser.",
    "初期パスワードは一度だけ表示し、後から誰も確認できません。ブラウザーでの初回サインインで本人がパスワードを設定する"
    "ためだけに使えます。"};
inline constexpr Text kOrganizationOption{"ID of the organization", "機関の番号"};
inline constexpr Text kFamilyNameOption{"family name", "姓"};
inline constexpr Text kGivenNameOption{"given name", "名"};
inline constexpr Text kFamilyKanaOption{"family name in katakana", "姓のカナ"};
inline constexpr Text kGivenKanaOption{"given name in katakana", "名のカナ"};
inline constexpr Text kRoleOption{
    "ministry_admin, prefecture_admin, health_center_admin, health_center_staff, facility_admin, facility_staff, "
    "helpdesk_operator or auditor",
    "ministry_admin、prefecture_admin、health_center_admin、health_center_staff、facility_admin、facility_staff、"
    "helpdesk_operator、auditor のいずれか"};
inline constexpr Text kLoginIdOption{"login ID to give (default: the server makes one)",
                                     "付与するログインID（既定：サーバーが決める）"};
inline constexpr Text kAccountIssueExample{"for a clinic's staff", "診療所の職員に発行する"};
inline constexpr Text kAccountIssueExampleDry{"checks everything, issues nothing", "検査だけ行い、発行しない"};
inline constexpr Text kAccountList{"List accounts", "アカウントの一覧"};
inline constexpr Text kAccountQueryOption{"part of the ID or name", "ID・氏名の一部"};
inline constexpr Text kStateOption{"pending, active, suspended or closed",
                                   "pending、active、suspended、closed のいずれか"};
inline constexpr Text kAccountListExample{"IDs that have not been used yet", "まだ使われていないID"};
inline constexpr Text kAccountListExampleCsv{"all accounts of an organization as CSV", "機関の全アカウントをCSVで"};
inline constexpr Text kAccountShow{"Show one account", "アカウントを1件表示する"};
inline constexpr Text kAccountArgument{"login ID or number of the account", "ログインIDまたはアカウント番号"};
inline constexpr Text kAccountShowExample{"state, roles and second steps", "状態・役割・二段階認証"};
inline constexpr Text kResetPassword{"Replace the password by a new initial password",
                                     "パスワードを新しい初期パスワードに置き換える"};
inline constexpr Text kResetPasswordDetails{
    "Ends the account's sessions; the second step stays. May wait for a second person's approval. Asks before it acts.",
    "アカウントのセッションを終了します。二段階認証はそのまま残ります。別の人の承認待ちになることがあります。実行前に確"
    "認します。"};
inline constexpr Text kResetPasswordExample{"asks, then prints the new initial password",
                                            "確認の後、新しい初期パスワードを表示する"};
inline constexpr Text kResetSecondStep{"Remove the second steps, to be registered anew",
                                       "二段階認証の登録を消し、再登録させる"};
inline constexpr Text kResetSecondStepDetails{
    "Ends the account's sessions; the password stays. May wait for a second person's approval. Asks before it acts.",
    "アカウントのセッションを終了します。パスワードはそのまま残ります。別の人の承認待ちになることがあります。実行前に確"
    "認します。"};
inline constexpr Text kResetSecondStepExample{"the phone was replaced", "電話機を替えたとき"};
inline constexpr Text kUnlock{"Lift a lock after wrong passwords or codes", "誤入力によるロックを解除する"};
inline constexpr Text kUnlockExample{"lets the owner try again at once", "すぐに再試行できるようにする"};
inline constexpr Text kAccessCode{"Issue a temporary code to somebody who lost the phone",
                                  "電話をなくした人に臨時コードを発行する"};
inline constexpr Text kAccessCodeDetails{
    "The code is printed once and works once, within an hour, in the place of the second step; a second step is then "
    "registered anew. Ends the account's sessions and tells the registered phone. May wait for a second person's "
    "approval. Asks before it acts.",
    "臨時コードは一度だけ表示し、1時間以内に1回だけ、二段階認証の代わりに使えます。使った人は二段階認証を登録し直します"
    "。"
    "アカウントのセッションを終了し、登録済みの電話に知らせます。別の人の承認待ちになることがあります。実行前に確認しま"
    "す"
    "。"};
inline constexpr Text kAccessCodeExample{"the caller was confirmed by calling back", "折り返し電話で本人を確かめた後"};
inline constexpr Text kSlowed{"List accounts that have to wait after wrong passwords or codes",
                              "誤入力で待ち時間のあるアカウントの一覧"};
inline constexpr Text kSlowedExample{"who has to wait, and why?", "待っている人と理由"};
inline constexpr Text kSuspend{"Suspend an account", "アカウントを停止する"};
inline constexpr Text kSuspendDetails{
    "Ends its sessions at once. \"account resume\" ends the suspension. Asks before it acts.",
    "セッションを直ちに終了します。account resume で再開できます。実行前に確認します。"};
inline constexpr Text kSuspendExample{"stops the account at once", "直ちに停止する"};
inline constexpr Text kResume{"End a suspension", "停止を解除する"};
inline constexpr Text kResumeExample{"the account may sign in again", "再びサインインできるようにする"};
inline constexpr Text kClose{"Close an account for good", "アカウントを廃止する"};
inline constexpr Text kCloseDetails{"Can't be undone. Ends its sessions at once. Asks before it acts.",
                                    "元に戻せません。セッションを直ちに終了します。実行前に確認します。"};
inline constexpr Text kCloseExample{"from a script, without a question", "スクリプトから、確認なしで"};

// --- role ---
inline constexpr Text kRoleGrant{"Give a role to an account", "アカウントに役割を付与する"};
inline constexpr Text kRoleGrantDetails{"Administrator roles wait for a second person's approval.",
                                        "管理者の役割は、別の人の承認待ちになります。"};
inline constexpr Text kFromOption{"first moment (default: now); a date means 00:00 in Japan",
                                  "開始（既定：今）。日付だけなら日本時間の0時"};
inline constexpr Text kUntilOption{
    "end (default: none); a date means 00:00 in Japan, so that day is no longer included",
    "終了（既定：なし）。日付だけなら日本時間の0時で、その日は含まない"};
inline constexpr Text kRoleGrantExample{"for half a year", "半年間"};
inline constexpr Text kRoleRevoke{"Take a role away", "役割を取り消す"};
inline constexpr Text kGrantArgument{"ID of the grant, from \"role list\"", "付与の番号（role list で確認）"};
inline constexpr Text kRoleRevokeExample{"takes effect with the next request", "次の操作から効力を失う"};
inline constexpr Text kRoleList{"List the roles of an account", "アカウントの役割の一覧"};
inline constexpr Text kRoleListExample{"past and future ones too", "過去と将来の役割も含む"};

// --- request ---
inline constexpr Text kRequestList{"List requests that wait for a decision", "判断待ちの依頼の一覧"};
inline constexpr Text kRequestStateOption{"open (default), done or all", "open（既定）、done、all のいずれか"};
inline constexpr Text kRequestListExample{"what waits for me?", "判断待ちの依頼"};
inline constexpr Text kRequestListExampleAll{"all of them as JSON", "全件をJSONで"};
inline constexpr Text kRequestApprove{"Approve a request", "依頼を承認する"};
inline constexpr Text kRequestApproveDetails{
    "Nobody approves a request of their own. A password reset prints the new initial password once.",
    "自分の依頼は承認できません。パスワード再設定を承認すると、新しい初期パスワードを一度だけ表示します。"};
inline constexpr Text kRequestArgument{"ID of the request, from \"request list\"", "依頼の番号（request list で確認）"};
inline constexpr Text kRequestApproveExample{"after calling back to check the caller",
                                             "折り返し電話で本人を確認した後に承認する"};
inline constexpr Text kRequestDecline{"Decline a request", "依頼を却下する"};
inline constexpr Text kRequestDeclineExample{"with the reason", "理由を付けて却下する"};

// --- audit ---
inline constexpr Text kAuditList{"List events of the audit log", "監査記録の一覧"};
inline constexpr Text kAuditAccountOption{"only events of this account (login ID or number)",
                                          "このアカウントの記録だけ（ログインIDまたは番号）"};
inline constexpr Text kActionOption{"only this action, such as account.issue",
                                    "この操作の記録だけ（account.issue など）"};
inline constexpr Text kSinceOption{"from this moment on; a date means 00:00 in Japan; 30m, 1h or 7d before now",
                                   "この時点以降。日付だけなら日本時間の0時。30m、1h、7d は今からさかのぼる時間"};
inline constexpr Text kBeforeOption{"up to this moment; a date means 00:00 in Japan",
                                    "この時点まで。日付だけなら日本時間の0時"};
inline constexpr Text kAuditListExample{"what happened to an account in April", "4月にあるアカウントに起きたこと"};
inline constexpr Text kAuditListExampleCsv{"everything, for a spreadsheet", "全件を表計算ソフト用に"};
inline constexpr Text kAuditVerify{"Check that no event was changed, removed or cut off",
                                   "記録の改変・欠落・切り捨てがないかを検査する"};
inline constexpr Text kAuditVerifyDetails{"Ends with exit code 2 when it finds a difference.",
                                          "不一致が見つかると終了コード2で終わります。"};
inline constexpr Text kAuditVerifyExample{"fit for a nightly job", "夜間の定期検査に"};

// --- token ---
inline constexpr Text kTokenMake{"Make an API token for a script", "スクリプトのAPIトークンを作る"};
inline constexpr Text kTokenMakeDetails{
    "It can never do more than your own roles allow, and ends with your account. It is shown once. The console's page "
    "API tokens does the same; both ask first that you prove it's you.",
    "できることは自分の役割を超えず、自分のアカウントとともに終わります。表示は1度だけです。管理画面の「APIトークン」"
    "でも作れます。どちらも、先に本人の確認が要ります。"};
inline constexpr Text kTokenName{"which program it is for", "どのプログラムのためか"};
inline constexpr Text kTokenOrganization{"ID of the organization below which it acts",
                                         "使える範囲（この機関とその下）の機関ID"};
inline constexpr Text kTokenScopes{
    "what it may do, with commas: directory:read, organizations:write, accounts:write, accounts:reset, roles:write, "
    "reports:read, reports:write, audit:read",
    "できること（コンマ区切り）：directory:read、organizations:write、accounts:write、accounts:reset、roles:write、"
    "reports:read、reports:write、audit:read"};
inline constexpr Text kTokenUntil{"when it ends, within a year", "終わる日時（1年以内）"};
inline constexpr Text kTokenSources{"addresses or ranges it may be used from, with commas; none: anywhere",
                                    "使える場所のアドレスか範囲（コンマ区切り）。なければどこからでも"};
inline constexpr Text kTokenMakeExample{"for a nightly import", "夜間の取り込み用"};
inline constexpr Text kTokenList{"List the tokens of your jurisdiction", "管轄内のトークンの一覧"};
inline constexpr Text kTokenListExample{"who uses the API", "だれがAPIを使っているか"};
inline constexpr Text kTokenRevoke{"Revoke a token, at once", "トークンを直ちに取り消す"};
inline constexpr Text kTokenArgument{"its ID", "トークンのID"};
inline constexpr Text kTokenRevokeExample{"it leaked", "漏れたとき"};

// --- apply ---
inline constexpr Text kApply{"Make organizations, accounts and roles what a file says",
                             "機関・アカウント・役割をファイルのとおりにする"};
inline constexpr Text kApplyDetails{
    "Prints the difference as a plan (+ new, ~ changed, - taken away) and asks before it is carried out (--yes: it "
    "doesn't ask). A second run finds nothing to do. The file is YAML with the lists \"organizations\" and "
    "\"accounts\", or CSV with a column \"record\" (organization or account). Organizations are named by institution "
    "code, local government code, ID or name. Fields that the file does not name are left alone; named roles are "
    "exactly those. IDs are issued for a letter: no password is printed.",
    "違いを計画として表示し（+ 新規、~ 変更、- 取消）、確かめてから実行します（--yes "
    "では尋ねません）。2回目は何もしません。"
    "ファイルは「organizations」と「accounts」の並びを持つYAML、または「record」列（organizationかaccount）を持つCSVで"
    "す。"
    "機関は医療機関コード、地方公共団体コード、ID、名前のいずれかで指します。書いていない項目は変えません。役割を書いた"
    "ときは、そのとおりにします。IDは通知書で発行し、パスワードは表示しません。"};
inline constexpr Text kApplyFile{"the file; - for standard input", "ファイル。- は標準入力"};
inline constexpr Text kApplyCheck{"change nothing; exit code 2 where there is a difference",
                                  "何も変えない。違いがあれば終了コード2"};
inline constexpr Text kApplyFormat{"yaml (default) or csv (default for *.csv)", "yaml（既定）か csv（*.csv の既定）"};
inline constexpr Text kApplyReason{"kept in the audit log (default: madoguchi-admin apply)",
                                   "監査記録に残す理由（既定：madoguchi-admin apply）"};
inline constexpr Text kApplyExample{"see the plan, then decide", "計画を見てから決める"};
inline constexpr Text kApplyExampleCheck{"has somebody changed something by hand?", "手で変えられていないかの検査"};
inline constexpr Text kApplyExamplePipe{"every night from a registry", "毎晩、登録簿から"};

}  // namespace madoguchi::admin_cli::help_texts
