// private_shape.cc: which keys say what becomes of identifiers: tokens, filters, bridging files? (see shape.h)
#include "job/shape.h"

namespace tessera {

extern const Shape pass_value;  // shape.cc

namespace {

const Shape private_text{.string = true};
const Shape private_texts{.items = &private_text};

const ObjectShape harden_shape{
    "what is done to a filter beyond its schema",
    {
        {"folds", {.integer = true, .least = 0, .most = 10}, false, "halved so often, the halves XORed; default 0", {}},
        {"balance", {.boolean = true}, false, "every filter has half its bits set; default false", {}},
    }};

const ObjectShape bridge_side_shape{
    "the pseudonyms of a side",
    {
        {"key_file", private_text, true, "the key file of the side's own domain, relative to the job file", {}},
        {"domain", private_text, true, "the domain of its pseudonyms", {}},
        {"name", private_text, false, "the input's name when its ids were made tokens; default its name here", {}},
    }};
const Shape bridge_side_value{.string = true, .values = {"keep"}, .object = &bridge_side_shape};

}  // namespace

extern const ObjectShape pseudonyms_shape{
    "tokens in place of identifiers",
    {
        {"key_file", private_text, true, "the key file (tessera keys new), relative to the job file", {}},
        {"domain", private_text, true, "the purpose: tokens of two domains cannot be compared", {}},
        {"passes",
         {.string = true, .items = &pass_value},
         false,
         "the passes that the tokens are to serve; default those of \"link\"",
         {}},
        {"clear", {.items = &private_text}, false, "fields that are written as they are, such as date_of_death", {}},
        {"forbid", {.items = &private_text}, false, "tokens that must not be written, such as dob:year-month", {}},
        {"groups", {.entries = &private_texts}, false, "columns, by input, whose tokens \"refuse\" groups by", {}},
        {"format",
         {.string = true, .values = {"hex", "binary"}},
         false,
         "of tokens; default binary in Parquet, else hex",
         {}},
        {"id", {.string = true, .values = {"token", "keep"}}, false, "what becomes of the ids; default token", {}},
    }};

extern const ObjectShape encode_shape{
    "encoded filters (CLKs) in place of identifiers",
    {
        {"schema", private_text, true, "a linkage schema of clkhash, relative to the job file", {}},
        {"key_file", private_text, false, "the key file (tessera keys new), relative to the job file", {}},
        {"domain", private_text, false, "of a key file: filters of two domains cannot be compared", {}},
        {"secret_file", private_text, false, "instead: a file whose bytes are the secret, as clkhash takes it", {}},
        {"features",
         {.entries = &private_text},
         false,
         "the field whose standardised value a feature of the schema takes; others take the column of their name",
         {}},
        {"harden", {.object = &harden_shape}, false, "what is done to a filter beyond its schema", {}},
        {"id",
         {.string = true, .values = {"token", "keep"}},
         false,
         "what becomes of the ids; default token with a key file",
         {}},
    }};

extern const ObjectShape bridge_shape{"what tessera bridge writes of each link",
                                      {
                                          {"from",
                                           bridge_side_value,
                                           true,
                                           "key_file and domain of the from side; keep: its ids are pseudonyms already",
                                           {}},
                                          {"to", bridge_side_value, true, "the same of the to side", {}},
                                      }};

extern const ObjectShape rekey_shape{
    "pseudonyms under another key",
    {
        {"bridge",
         private_text,
         true,
         "a bridging file from the old pseudonyms to the new, relative to the job file",
         {}},
    }};

}  // namespace tessera
