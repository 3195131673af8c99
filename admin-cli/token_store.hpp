// The tokens of this user's sign-ins, one a server, in one file of mode 0600 below the state folder (XDG Base
// Directory).
#pragma once

#include <optional>
#include <string>

#include "admin-cli/outcome.hpp"

namespace madoguchi::admin_cli {

struct StoredToken {
    std::string token;
    std::string expires_at;  // as the server says it; the server decides, not this computer's clock
    std::string login_id;
};

class TokenStore {
public:
    /// `folder` is made with mode 0700 when the first token is kept.
    TokenStore(std::string folder, Language language);

    /// Nothing when there is none. Errors: failed (unreadable, damaged, or open to other users: then it isn't trusted).
    Outcome<std::optional<StoredToken>> find(const std::string& server) const;
    /// Replaces the server's token. The file is written anew and renamed into place: whole or as it was.
    Outcome<void> keep(const std::string& server, const StoredToken& token);
    Outcome<void> remove(const std::string& server);

    std::string path() const { return folder_ + "/tokens.json"; }

private:
    template <class Change>
    Outcome<void> change(Change apply);

    std::string folder_;
    Language language_;
};

/// $XDG_STATE_HOME/madoguchi, else $HOME/.local/state/madoguchi. Errors: failed when neither is an absolute path.
Outcome<std::string> token_folder(const std::optional<std::string>& state_home, const std::optional<std::string>& home,
                                  Language language);

}  // namespace madoguchi::admin_cli
