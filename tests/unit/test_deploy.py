"""The deployment files say what is true: settings and paths exist, names agree, images and limits are pinned."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from assistant.config import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.stem != "kustomization")
SETTINGS = {PREFIX + field.name.upper() for field in dataclasses.fields(Settings)}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def resources() -> list[dict[str, Any]]:
    return [resource for path in MANIFESTS for resource in yaml.safe_load_all(path.read_text("utf-8"))]


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    return [resource for resource in resources() if resource["kind"] in kinds]


WORKLOADS = of_kind("Deployment", "StatefulSet")
CONTAINERS = [c for w in WORKLOADS for c in w["spec"]["template"]["spec"]["containers"]]
IDS = [f"{w['kind']}/{w['metadata']['name']}" for w in WORKLOADS]


def test_every_setting_that_is_given_exists() -> None:
    text = "\n".join(path.read_text("utf-8") for path in DEPLOY.rglob("*") if path.is_file())
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", text)) - {"SHOPKEEPER_PORT"}  # which Kubernetes would set, in a comment
    assert {"SHOPKEEPER_VECTORS", "SHOPKEEPER_MILVUS_TOKEN"} <= named <= SETTINGS


def test_the_values_given_are_ones_the_settings_take() -> None:
    given = dict(compose()["services"]["shop"]["environment"])
    Settings.from_environment(given)
    (shop,) = (c for c in CONTAINERS if c["name"] == "shop")
    Settings.from_environment({e["name"]: e.get("value", "") for e in shop["env"]})


def test_compose_declares_every_volume_and_service_it_names() -> None:
    parsed = compose()
    for name, service in parsed["services"].items():
        sources = [volume.split(":")[0] for volume in service.get("volumes", ()) if not volume.startswith("$")]
        assert set(sources) <= set(parsed["volumes"]), name
        assert set(service.get("depends_on", ())) <= set(parsed["services"]), name
        assert {config["source"] for config in service.get("configs", ())} <= set(parsed["configs"]), name


def test_milvus_is_asked_where_it_listens() -> None:
    uri = compose()["services"]["shop"]["environment"]["SHOPKEEPER_VECTORS"]
    assert uri.removeprefix("milvus:http://") == "milvus:19530" and "milvus" in compose()["services"]
    (service,) = (s for s in of_kind("Service") if s["metadata"]["name"] == "milvus")
    assert service["spec"]["ports"][0]["port"] == 19530
    assert "value: milvus:http://milvus:19530" in (DEPLOY / "kubernetes" / "shop.yaml").read_text("utf-8")


@pytest.mark.parametrize("workload", WORKLOADS, ids=IDS)
def test_selectors_claims_and_ports_agree(workload: dict[str, Any]) -> None:
    spec, pod = workload["spec"], workload["spec"]["template"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"].items() <= labels.items()
    claims = {claim["metadata"]["name"] for claim in of_kind("PersistentVolumeClaim")}
    volumes = {volume["name"] for volume in pod.get("volumes", ())}
    volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())}
    for volume in pod.get("volumes", ()):
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in claims
    for container in pod["containers"]:
        assert {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes
        ports = {port["name"] for port in container.get("ports", ())}
        asked = [container[kind].get("httpGet") for kind in container if kind.endswith("Probe")]
        probes = [request["port"] for request in asked if request]
        assert set(probes) <= ports


@pytest.mark.parametrize("service", of_kind("Service"), ids=lambda service: str(service["metadata"]["name"]))
def test_a_service_leads_to_a_pod_that_has_the_port(service: dict[str, Any]) -> None:
    selector = service["spec"]["selector"]
    chosen = [w for w in WORKLOADS if selector.items() <= w["spec"]["template"]["metadata"]["labels"].items()]
    assert len(chosen) == 1
    ports = {port["name"] for c in chosen[0]["spec"]["template"]["spec"]["containers"] for port in c.get("ports", ())}
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: str(container["image"]))
def test_images_are_pinned_and_memory_is_limited(container: dict[str, Any]) -> None:
    assert re.search(r":v?\d+\.\d+(\.\d+)?$", container["image"])
    assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["memory"]


def test_the_probes_are_paths_of_the_application() -> None:
    app = (ROOT / "ui" / "operations.py").read_text("utf-8")
    (shop,) = (c for c in CONTAINERS if c["name"] == "shop")
    paths = {shop[kind]["httpGet"]["path"] for kind in shop if kind.endswith("Probe")}
    assert paths == {"/healthz", "/readyz"}
    assert all(f'"{path}"' in app for path in paths)


def test_one_replica_of_the_shop_as_long_as_its_index_is_on_a_volume_of_one_node() -> None:
    (shop,) = (w for w in WORKLOADS if w["metadata"]["name"] == "shop")
    (claim,) = (c for c in of_kind("PersistentVolumeClaim") if c["metadata"]["name"] == "shop-data")
    assert shop["spec"]["replicas"] == 1 and claim["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_conversations_are_kept_where_postgresql_listens() -> None:
    url = urlsplit(
        compose()["services"]["shop"]["environment"]["DATABASE_URL"].replace("${POSTGRES_PASSWORD:?set ", "")
    )
    postgres = compose()["services"]["postgres"]
    assert (url.hostname, url.port) == ("postgres", 5432)
    assert url.username == postgres["environment"]["POSTGRES_USER"]
    assert url.path == f"/{postgres['environment']['POSTGRES_DB']}"
    (service,) = (s for s in of_kind("Service") if s["metadata"]["name"] == "postgres")
    assert service["spec"]["ports"][0]["port"] == 5432
    (shop,) = (c for c in CONTAINERS if c["name"] == "shop")
    (given,) = (e["value"] for e in shop["env"] if e["name"] == "DATABASE_URL")
    assert given == "postgresql://shopkeeper:$(POSTGRES_PASSWORD)@postgres:5432/shopkeeper"


def test_prometheus_reads_the_figures_where_they_are_and_is_let_in() -> None:
    config = yaml.safe_load(compose()["configs"]["prometheus"]["content"])
    (job,) = config["scrape_configs"]
    assert job["metrics_path"] == "/metrics" and '"/metrics"' in (ROOT / "ui" / "operations.py").read_text("utf-8")
    assert job["static_configs"][0]["targets"] == ["shop:7860"]
    environment = compose()["services"]["shop"]["environment"]
    assert "shop" in environment["SHOPKEEPER_ALLOWED_HOSTS"].split(",")
    assert job["authorization"]["credentials"] == environment["SHOPKEEPER_METRICS_TOKEN"]
    (monitor,) = of_kind("PodMonitor")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    (shop,) = (c for c in CONTAINERS if c["name"] == "shop")
    assert endpoint["port"] in {port["name"] for port in shop["ports"]} and endpoint["path"] == "/metrics"
    (token,) = (e["valueFrom"]["secretKeyRef"] for e in shop["env"] if e["name"] == "SHOPKEEPER_METRICS_TOKEN")
    assert endpoint["authorization"]["credentials"] == token


def test_there_is_time_to_end_in_good_order() -> None:
    (shop,) = (w["spec"]["template"]["spec"] for w in WORKLOADS if w["metadata"]["name"] == "shop")
    before = shop["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert before + Settings().drain_s + 5 < shop["terminationGracePeriodSeconds"]
    assert compose()["services"]["shop"]["stop_grace_period"] == "30s"


def test_no_secret_stands_in_a_file_and_every_resource_is_listed_or_explained() -> None:
    for container in CONTAINERS:
        for variable in container.get("env", ()):
            if "PASSWORD" in variable["name"]:
                assert "valueFrom" in variable
    environments = [service.get("environment", {}) for service in compose()["services"].values()]
    for name, value in itertools.chain.from_iterable(environment.items() for environment in environments):
        assert "PASSWORD" not in name or str(value).startswith("${")
    listed = (DEPLOY / "kubernetes" / "kustomization.yaml").read_text("utf-8")
    assert all(path.name in listed for path in MANIFESTS)


def test_the_image_holds_the_packages_and_requirements() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY")}
    assert {"assistant", "knowledge_base", "ui", "requirements.txt", "deploy/requirements.txt"} <= copied
    assert all((ROOT / name).exists() for name in copied)
    (torch,) = re.findall(r"torch==([\d.]+)", "\n".join(lines))
    assert f"torch=={torch} " in (ROOT / "requirements.txt").read_text("utf-8")
