/// Image transfer to a meter (class 18), step by step, so that a pause at any of them can be resumed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/key_file.hpp"
#include "dlms/date_time.hpp"

namespace ferraris::cli {

/// How a meter's image transfer stands.
struct TransferState {
    std::uint8_t status{0};  ///< image_transfer_status
    bool enabled{false};
    std::uint32_t block_size{0};
    std::vector<bool> blocks{};  ///< transferred
    std::uint32_t first_missing{0};
    struct ToActivate {
        std::uint32_t size{0};
        Octets identification{};
        Octets signature{};
    };
    std::vector<ToActivate> to_activate{};

    [[nodiscard]] std::uint32_t transferred() const;
};
/// "3: verified, ready for activation".
[[nodiscard]] std::string status_words(std::uint8_t status);

class FirmwareTransfer {
public:
    explicit FirmwareTransfer(const ConnectOptions& options);

    [[nodiscard]] TransferState state();
    /// Version and check sum of what runs; empty: the meter does not show it.
    [[nodiscard]] std::string running_version();
    [[nodiscard]] std::string running_check_sum();

    struct Sent {
        std::uint32_t blocks{0};  ///< of the image
        std::uint32_t sent{0};    ///< this time
        bool resumed{false};
        bool paused{false};
    };
    /// Everything that is missing of `image`. Goes on with a transfer of the same image, unless `restart`. Stops behind
    /// a block when `pause` is set. Throws CliError, which says how much the meter has.
    [[nodiscard]] Sent send(const Octets& image, const std::string& identifier, bool restart,
                            const std::atomic<bool>& pause,
                            const std::function<void(std::uint32_t, std::uint32_t)>& progress);
    /// Until the meter says so. Throws CliError with the meter's reason when it refuses the image.
    void verify(const std::function<void()>& waiting);
    /// Until the new program has confirmed itself. Throws CliError when the old one came back.
    void activate(const std::function<void()>& waiting);
    /// By the single action schedule of the meter, in its local time.
    void activate_at(const dlms::DateTime& time);

private:
    [[nodiscard]] Client& client();
    [[nodiscard]] Octets read(std::int8_t attribute);
    [[nodiscard]] std::string text_of(std::uint16_t class_id, const dlms::LogicalName& name, bool hex);
    [[nodiscard]] dlms::ActionResult call(std::int8_t method, ByteView parameters);
    [[nodiscard]] dlms::ActionResult transfer_block(const Octets& image, std::uint32_t block_size,
                                                    std::uint32_t number);
    void initiate(const Octets& image, const std::string& identifier);
    [[nodiscard]] std::string reason();
    [[nodiscard]] std::uint8_t status();
    [[nodiscard]] std::optional<std::uint8_t> status_if_it_answers();

    ConnectOptions options_;
    std::unique_ptr<Client> client_{};
};

}  // namespace ferraris::cli
