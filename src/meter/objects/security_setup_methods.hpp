/// Class 64 version 1: the methods about key pairs and certificates, and the attribute that lists them.
#pragma once

#include "meter/objects/object_table.hpp"

namespace ferraris::meter {

/// Attribute 6: array of structure{entity enum, type enum, serial number, issuer, subject, subject alternative name}.
[[nodiscard]] dlms::ReadOutcome stream_certificates(const Context& context, const dlms::Selection* selection,
                                                    dlms::ReadCursor& cursor, ByteWriter& out);

/// key_agreement: array of structure{key id enum, ephemeral key and signature}; C(2e,0s).
[[nodiscard]] dlms::ActionResult key_agreement(const Context& context, ByteView parameters, ByteWriter& out);
/// generate_key_pair and generate_certificate_request: enum, 0 digital signature, 1 key agreement.
[[nodiscard]] dlms::ActionResult generate_key_pair(const Context& context, ByteView parameters, ByteWriter& out);
[[nodiscard]] dlms::ActionResult generate_certificate_request(const Context& context, ByteView parameters,
                                                              ByteWriter& out);
/// import_certificate: octet-string.
[[nodiscard]] dlms::ActionResult import_certificate(const Context& context, ByteView parameters, ByteWriter& out);
/// export_certificate and remove_certificate: structure{0, structure{entity, type, system title}} or
/// structure{1, structure{serial number, issuer}}.
[[nodiscard]] dlms::ActionResult export_certificate(const Context& context, ByteView parameters, ByteWriter& out);
[[nodiscard]] dlms::ActionResult remove_certificate(const Context& context, ByteView parameters, ByteWriter& out);

/// The key that `id` names (0 unicast, 1 broadcast, 2 authentication, 3 master); null: none.
[[nodiscard]] Key* key_of(SecuritySettings& settings, std::uint8_t id);
/// Clears copies of keys.
void wipe_keys(SecuritySettings& settings);

}  // namespace ferraris::meter
