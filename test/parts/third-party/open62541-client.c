/* A client on open62541: <endpoint> [<certificate> <key> <server certificate> [<user> <password>]], all keys as DER. One command a
   line: browse; read <tag>; write <tag> <value>; watch <tag>. Answers each with lines of words between tabs, and a line "done". */
#include <open62541/client.h>
#include <open62541/client_config_default.h>
#include <open62541/client_highlevel.h>
#include <open62541/client_subscriptions.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static UA_Client *client;

static void hush(void *context, UA_LogLevel level, UA_LogCategory category, const char *text, va_list words) {
  (void)context, (void)level, (void)category, (void)text, (void)words;
}
static UA_Logger quiet = {hush, NULL, NULL};

static UA_ByteString file(const char *path) {
  UA_ByteString bytes = UA_BYTESTRING_NULL;
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) exit(2);
  fseek(stream, 0, SEEK_END);
  UA_ByteString_allocBuffer(&bytes, (size_t)ftell(stream));
  rewind(stream);
  if (fread(bytes.data, 1, bytes.length, stream) != bytes.length) exit(2);
  fclose(stream);
  return bytes;
}

static void printValue(const UA_Variant *value) {
  if (!UA_Variant_isScalar(value)) printf("\tnothing\t");
  else if (value->type == &UA_TYPES[UA_TYPES_BOOLEAN]) printf("\tBoolean\t%d", *(UA_Boolean *)value->data);
  else if (value->type == &UA_TYPES[UA_TYPES_INT16]) printf("\tInt16\t%d", *(UA_Int16 *)value->data);
  else if (value->type == &UA_TYPES[UA_TYPES_UINT16]) printf("\tUInt16\t%u", *(UA_UInt16 *)value->data);
  else if (value->type == &UA_TYPES[UA_TYPES_INT32]) printf("\tInt32\t%d", *(UA_Int32 *)value->data);
  else if (value->type == &UA_TYPES[UA_TYPES_UINT32]) printf("\tUInt32\t%u", *(UA_UInt32 *)value->data);
  else if (value->type == &UA_TYPES[UA_TYPES_FLOAT]) printf("\tFloat\t%.17g", (double)*(UA_Float *)value->data);
  else if (value->type == &UA_TYPES[UA_TYPES_DOUBLE]) printf("\tDouble\t%.17g", *(UA_Double *)value->data);
  else printf("\tother\t%s", value->type->typeName);
}

static void browse(UA_NodeId from) {
  UA_BrowseRequest request;
  UA_BrowseRequest_init(&request);
  UA_BrowseDescription description;
  UA_BrowseDescription_init(&description);
  description.nodeId = from;
  description.referenceTypeId = UA_NODEID_NUMERIC(0, UA_NS0ID_HASCOMPONENT);
  description.includeSubtypes = true;
  description.resultMask = UA_BROWSERESULTMASK_ALL;
  request.nodesToBrowse = &description;
  request.nodesToBrowseSize = 1;
  UA_BrowseResponse response = UA_Client_Service_browse(client, request);
  if (response.resultsSize != 1) exit(3);
  for (size_t i = 0; i < response.results[0].referencesSize; i++) {
    UA_ReferenceDescription *one = &response.results[0].references[i];
    UA_NodeId id = one->nodeId.nodeId;
    if (id.namespaceIndex != 1 || id.identifierType != UA_NODEIDTYPE_STRING) continue;
    if (one->nodeClass == UA_NODECLASS_OBJECT) browse(id);
    if (one->nodeClass != UA_NODECLASS_VARIABLE) continue;
    UA_Byte level = 0;
    UA_Client_readAccessLevelAttribute(client, id, &level);
    UA_LocalizedText title;
    UA_Client_readDescriptionAttribute(client, id, &title);
    printf("%.*s\t%u\t%.*s\n", (int)id.identifier.string.length, id.identifier.string.data, level, (int)title.text.length, title.text.data);
    UA_LocalizedText_clear(&title);
  }
  UA_BrowseResponse_clear(&response);
}

static void readTag(char *tag) {
  UA_Variant value;
  UA_Variant_init(&value);
  UA_StatusCode status = UA_Client_readValueAttribute(client, UA_NODEID_STRING(1, tag), &value);
  printf("%s", UA_StatusCode_name(status));
  printValue(&value);
  printf("\n");
  UA_Variant_clear(&value);
}

/* With the type that stands there. */
static void writeTag(char *tag, double wanted) {
  UA_Variant value;
  UA_Variant_init(&value);
  UA_NodeId node = UA_NODEID_STRING(1, tag);
  UA_StatusCode status = UA_Client_readValueAttribute(client, node, &value);
  if (status == UA_STATUSCODE_GOOD) {
    if (value.type == &UA_TYPES[UA_TYPES_BOOLEAN]) *(UA_Boolean *)value.data = wanted != 0;
    else if (value.type == &UA_TYPES[UA_TYPES_INT16]) *(UA_Int16 *)value.data = (UA_Int16)wanted;
    else if (value.type == &UA_TYPES[UA_TYPES_UINT16]) *(UA_UInt16 *)value.data = (UA_UInt16)wanted;
    else if (value.type == &UA_TYPES[UA_TYPES_INT32]) *(UA_Int32 *)value.data = (UA_Int32)wanted;
    else if (value.type == &UA_TYPES[UA_TYPES_UINT32]) *(UA_UInt32 *)value.data = (UA_UInt32)wanted;
    else if (value.type == &UA_TYPES[UA_TYPES_FLOAT]) *(UA_Float *)value.data = (UA_Float)wanted;
    else *(UA_Double *)value.data = wanted;
    status = UA_Client_writeValueAttribute(client, node, &value);
  }
  printf("%s\n", UA_StatusCode_name(status));
  UA_Variant_clear(&value);
}

static unsigned changes;
static void changed(UA_Client *c, UA_UInt32 sub, void *subContext, UA_UInt32 item, void *itemContext, UA_DataValue *value) {
  (void)c, (void)sub, (void)subContext, (void)item, (void)itemContext;
  printf("%s", UA_StatusCode_name(value->status));
  printValue(&value->value);
  printf("\n");
  changes++;
}

/* Until the value has been told twice. */
static void watch(char *tag) {
  UA_CreateSubscriptionRequest request = UA_CreateSubscriptionRequest_default();
  request.requestedPublishingInterval = 100;
  UA_CreateSubscriptionResponse response = UA_Client_Subscriptions_create(client, request, NULL, NULL, NULL);
  UA_MonitoredItemCreateRequest item = UA_MonitoredItemCreateRequest_default(UA_NODEID_STRING(1, tag));
  item.requestedParameters.samplingInterval = 50;
  UA_Client_MonitoredItems_createDataChange(client, response.subscriptionId, UA_TIMESTAMPSTORETURN_BOTH, item, NULL, changed, NULL);
  changes = 0;
  /* A turn ends with any event, so that turns tell nothing of time. */
  UA_DateTime until = UA_DateTime_nowMonotonic() + 15 * UA_DATETIME_SEC;
  while (changes < 2 && UA_DateTime_nowMonotonic() < until) UA_Client_run_iterate(client, 100);
  UA_Client_Subscriptions_deleteSingle(client, response.subscriptionId);
}

int main(int argc, char **argv) {
  if (argc != 2 && argc != 5 && argc != 7) return 2;
  UA_ClientConfig config;
  memset(&config, 0, sizeof config);
  config.logging = &quiet;
  if (argc == 2) {
    UA_ClientConfig_setDefault(&config);
  } else {
    UA_ByteString certificate = file(argv[2]), key = file(argv[3]), trusted = file(argv[4]);
    UA_ClientConfig_setDefaultEncryption(&config, certificate, key, &trusted, 1, NULL, 0);
    config.securityMode = UA_MESSAGESECURITYMODE_SIGNANDENCRYPT;
    UA_String_clear(&config.clientDescription.applicationUri);
    config.clientDescription.applicationUri = UA_STRING_ALLOC("urn:penstock:test:open62541");
  }
  config.timeout = 20000;
  client = UA_Client_newWithConfig(&config);
  UA_StatusCode status =
      argc == 7 ? UA_Client_connectUsername(client, argv[1], argv[5], argv[6]) : UA_Client_connect(client, argv[1]);
  printf("%s\ndone\n", UA_StatusCode_name(status));
  char line[512];
  while (status == UA_STATUSCODE_GOOD && fflush(stdout) == 0 && fgets(line, sizeof line, stdin) != NULL) {
    char *word = strtok(line, " \n"), *tag = strtok(NULL, " \n"), *value = strtok(NULL, " \n");
    if (word == NULL) continue;
    if (strcmp(word, "browse") == 0) browse(UA_NODEID_STRING(1, "plc"));
    else if (tag == NULL) return 2;
    else if (strcmp(word, "read") == 0) readTag(tag);
    else if (strcmp(word, "watch") == 0) watch(tag);
    else if (value != NULL) writeTag(tag, atof(value));
    printf("done\n");
  }
  UA_Client_disconnect(client);
  UA_Client_delete(client);
  return status == UA_STATUSCODE_GOOD ? 0 : 1;
}
