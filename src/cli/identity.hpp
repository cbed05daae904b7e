/// Who associates with a meter: mechanism and secrets, from a key file or asked for on the terminal.
#pragma once

#include <string>

#include "cli/client.hpp"
#include "cli/key_file.hpp"
#include "dlms/enumerations.hpp"

namespace ferraris::cli {

/// Secrets are in memory that is wiped.
struct Identity {
    dlms::AuthenticationMechanism mechanism{dlms::AuthenticationMechanism::none};
    bool ciphered{false};
    SystemTitle system_title{0x46, 0x45, 0x52, 0x00, 0x00, 0x00, 0x00, 0x01};
    ClientSecrets secrets{};

    /// Its messages carry counters that no message under the same key had before.
    [[nodiscard]] bool uses_counters() const {
        return ciphered || mechanism == dlms::AuthenticationMechanism::high_gmac;
    }
};

/// What `options` say, filled up by what the key file has. Throws CliError when something is missing.
[[nodiscard]] Identity identity_of(const ConnectOptions& options);

}  // namespace ferraris::cli
