/// The control field of an HDLC frame, modulo 8 (IEC 62056-46, 6.4.3; ISO/IEC 13239, 5.3).
#pragma once

#include <cstdint>

namespace ferraris::dlms::hdlc {

enum class FrameType : std::uint8_t {
    information,             ///< I
    receive_ready,           ///< RR
    receive_not_ready,       ///< RNR
    reject,                  ///< REJ
    set_normal_response,     ///< SNRM, command
    disconnect,              ///< DISC, command
    unnumbered_acknowledge,  ///< UA, response
    disconnected_mode,       ///< DM, response
    frame_reject,            ///< FRMR, response
    unnumbered_information,  ///< UI
    unknown,                 ///< no frame of this repertoire
};

struct Control {
    FrameType type{FrameType::unknown};
    bool poll_final{false};
    std::uint8_t send_number{0};     ///< N(S), of I
    std::uint8_t receive_number{0};  ///< N(R), of I, RR, RNR and REJ

    friend constexpr bool operator==(const Control&, const Control&) = default;
};

namespace detail {
struct ControlCode {
    FrameType type;
    std::uint8_t code;  ///< without the poll/final bit and, for supervisory frames, without N(R)
};
inline constexpr ControlCode kSupervisory[] = {
    {FrameType::receive_ready, 0x01}, {FrameType::receive_not_ready, 0x05}, {FrameType::reject, 0x09}};
inline constexpr ControlCode kUnnumbered[] = {
    {FrameType::set_normal_response, 0x83}, {FrameType::disconnect, 0x43},   {FrameType::unnumbered_acknowledge, 0x63},
    {FrameType::disconnected_mode, 0x0F},   {FrameType::frame_reject, 0x87}, {FrameType::unnumbered_information, 0x03}};
inline constexpr std::uint8_t kPollFinalBit = 0x10;
}  // namespace detail

[[nodiscard]] constexpr Control decode_control(std::uint8_t octet) {
    Control control;
    control.poll_final = (octet & detail::kPollFinalBit) != 0;
    if ((octet & 0x01U) == 0) {
        control.type = FrameType::information;
        control.send_number = static_cast<std::uint8_t>((octet >> 1U) & 7U);
        control.receive_number = static_cast<std::uint8_t>(octet >> 5U);
        return control;
    }
    for (const auto& [type, code] : detail::kSupervisory) {
        if ((octet & 0x0FU) != code) continue;
        control.type = type;
        control.receive_number = static_cast<std::uint8_t>(octet >> 5U);
        return control;
    }
    for (const auto& [type, code] : detail::kUnnumbered) {
        if ((octet & 0xEFU) == code) control.type = type;
    }
    return control;
}

/// `FrameType::unknown` has no code and gives 0xFF.
[[nodiscard]] constexpr std::uint8_t encode_control(const Control& control) {
    const std::uint32_t poll_final = control.poll_final ? detail::kPollFinalBit : 0U;
    const std::uint32_t receive_number = static_cast<std::uint32_t>(control.receive_number & 7U) << 5U;
    if (control.type == FrameType::information) {
        return static_cast<std::uint8_t>(receive_number | poll_final | ((control.send_number & 7U) << 1U));
    }
    for (const auto& [type, code] : detail::kSupervisory) {
        if (type == control.type) return static_cast<std::uint8_t>(receive_number | poll_final | code);
    }
    for (const auto& [type, code] : detail::kUnnumbered) {
        if (type == control.type) return static_cast<std::uint8_t>(poll_final | code);
    }
    return 0xFF;
}

}  // namespace ferraris::dlms::hdlc
