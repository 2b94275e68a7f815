//! `openapi.yaml` says what the code does.

use std::collections::BTreeSet;

use serde_json::Value;
use shed_core::ErrorCode;
use shed_server::{
    api::{OPENAPI, operations},
    config::Config,
};

use crate::harness::Api;

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn document() -> Value {
    serde_norway::from_str(OPENAPI).unwrap()
}

/// What a `$ref` leads to, or the value itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().map_or(value, |path| document.pointer(path.trim_start_matches('#')).unwrap_or_else(|| panic!("{path}")))
}

/// Method, path, id, and the operation.
fn documented(document: &Value) -> Vec<(String, String, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
            let operation = &item[*method];
            all.push((method.to_uppercase(), path.clone(), operation["operationId"].as_str().unwrap().to_owned(), operation));
        }
    }
    all
}

#[test]
fn routes_and_document_are_the_same() {
    let document = document();
    let documented: BTreeSet<_> = documented(&document).into_iter().map(|(method, path, id, _)| (method, path, id)).collect();
    let routed: BTreeSet<_> = operations()
        .into_iter()
        .map(|operation| (operation.method.to_owned(), operation.path.to_owned(), operation.id.to_owned()))
        .collect();
    assert_eq!(documented, routed);
    assert_eq!(routed.iter().map(|(_, _, id)| id).collect::<BTreeSet<_>>().len(), routed.len(), "ids are unique");
}

#[tokio::test]
async fn the_document_is_served_and_has_the_servers_version() {
    let answer = Api::new().call("GET", "/openapi.yaml").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, OPENAPI));
    assert_eq!(document()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_reference_leads_somewhere_and_everything_is_referred_to() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| match (key.as_str(), value) {
                ("$ref", Value::String(path)) => drop(found.insert(path.clone())),
                _ => references(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for path in &found {
        assert!(document.pointer(path.trim_start_matches('#')).is_some(), "{path}");
    }
    for kind in ["schemas", "parameters", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            // Event streams refer to their schema in words, as OpenAPI 3.1 has no form for events.
            let used = found.contains(&format!("#/components/{kind}/{name}")) || ["CreateProgress", "Event"].contains(&name.as_str());
            assert!(used, "{kind}/{name} is not used");
        }
    }
}

#[test]
fn every_error_code_is_in_the_document() {
    let document = document();
    let codes: BTreeSet<_> = document
        .pointer("/components/schemas/ErrorCode/enum")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    assert_eq!(codes, ErrorCode::ALL.iter().map(|code| code.as_str()).collect());
}

#[test]
fn operations_declare_what_their_kind_can_answer() {
    let document = document();
    for (method, path, id, operation) in documented(&document) {
        let has = |status: &str| operation["responses"].get(status).is_some();
        let open = operation["security"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(has("401"), !open, "{id}");
        assert!(has("403") && has("500") && has("504"), "{id}");
        assert_eq!(has("413") && has("415"), operation.get("requestBody").is_some(), "{id}");
        assert!(!path.contains('{') || has("400") && has("404"), "{id}");
        let parameters: Vec<_> = [&document["paths"][&path]["parameters"], &operation["parameters"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .map(|parameter| resolve(&document, parameter)["name"].as_str().unwrap().to_owned())
            .collect();
        for part in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            assert!(parameters.iter().any(|name| name == part), "{id} {part}");
        }
        assert!(["GET", "POST", "PATCH", "DELETE"].contains(&&*method), "{id}");
    }
}

#[test]
fn requests_refuse_unknown_fields() {
    let document = document();
    for (_, _, id, operation) in documented(&document) {
        let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else { continue };
        assert_eq!(resolve(&document, schema)["additionalProperties"], false, "{id}");
    }
}

/// The fields of a schema, for comparing with a type.
pub fn fields(schema: &str) -> BTreeSet<String> {
    document()["components"]["schemas"][schema]["properties"].as_object().unwrap().keys().cloned().collect()
}

const GUIDE: &str = include_str!("../../../../docs/api.md");

#[test]
fn s39_the_guide_has_every_code_with_its_status() {
    for code in ErrorCode::ALL {
        assert!(GUIDE.contains(&format!("| `{}` | {} | ", code.as_str(), code.http_status())), "{}", code.as_str());
    }
}

#[test]
fn s39_the_guide_calls_routes_that_exist() {
    let routes: Vec<Vec<&str>> = operations().into_iter().map(|operation| operation.path.split('/').collect()).collect();
    let mut calls = 0;
    for rest in GUIDE.split("$SHED_URL").skip(1) {
        let path: Vec<&str> = rest.split(|c: char| c.is_whitespace() || "\"?`".contains(c)).next().unwrap_or_default().split('/').collect();
        let fits = |route: &Vec<&str>| {
            route.len() == path.len() && route.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
        };
        assert!(routes.iter().any(fits), "{path:?}");
        calls += 1;
    }
    assert!(calls > 20);
}

#[test]
fn s39_the_guides_configuration_is_valid_and_the_default() {
    let toml = GUIDE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let commented: String = toml.lines().map(|line| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n").collect();
    let dir = tempfile::tempdir().unwrap();
    let load = |text: &str| {
        let path = dir.path().join("server.toml");
        std::fs::write(&path, text).unwrap();
        Config::load_with(Some(&path), |_| None).unwrap()
    };
    assert_eq!(format!("{:?}", load(toml)), format!("{:?}", Config::default()));
    assert_eq!(load(&commented).sheds.credentials.len(), 1);
}
