"""The model API in front of Inspect's: what clients get that Inspect's own server refuses; with the real clients."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from openai import BadRequestError, OpenAI

from peerwatch.agents.coding.model_api import SERVED, events_of, serve

MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Both are done.", "annotations": []}],
}
CALL: dict[str, Any] = {
    "id": "fc_1",
    "type": "function_call",
    "call_id": "call_1",
    "name": "bash",
    "arguments": '{"command": "ls"}',
    "status": "completed",
}
BASH: dict[str, Any] = {
    "type": "function",
    "name": "bash",
    "parameters": {"type": "object", "properties": {"command": {"type": "string"}}},
}


def response(number: int, *output: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "m",
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }


class Behind(BaseHTTPRequestHandler):
    """Stands in for Inspect's server: a call first, then a message; it refuses what Inspect's refuses."""

    asked: list[dict[str, Any]]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Keep silent."""

    def do_GET(self) -> None:
        self._send(404, {})

    def do_POST(self) -> None:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path not in ("/v1/responses", "/v1/chat/completions"):
            self._send(404, {})
            return
        self.asked.append(body)
        if "previous_response_id" in body or body.get("stream"):
            self._send(400, {"error": {"message": "not supported"}})
            return
        if self.path == "/v1/chat/completions":
            self._send(200, {"passed": "on"})
            return
        items: list[Any] = body["input"]
        told = any("call_id" in each and "output" in each for each in items)
        number = len(self.asked)
        self._send(200, response(number, MESSAGE) if told else response(number, CALL))

    def _send(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def served() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    asked: list[dict[str, Any]] = []
    behind = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Behind,), {"asked": asked}))
    front = serve(0, behind.server_address[1], "the-model")
    for each in (behind, front):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{front.server_address[1]}", asked
    for each in (front, behind):
        each.shutdown()
        each.server_close()


def asked_for(url: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401 - any JSON
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **headers})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
        return json.load(answer)


def client(url: str) -> OpenAI:
    return OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)


def test_the_stream_helper_of_openais_client_puts_a_response_together(served: tuple[str, list[dict[str, Any]]]) -> None:
    own = client(served[0])
    with own.responses.stream(model="m", input="go", tools=[BASH]) as stream:  # type: ignore[list-item]
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds.count("response.output_item.added") == 1
    call = final.output[0]
    assert (call.type, getattr(call, "arguments", "")) == ("function_call", CALL["arguments"])
    told = {"type": "function_call_output", "call_id": "call_1", "output": "a b"}
    with own.responses.stream(model="m", input=[told], previous_response_id=final.id) as stream:  # type: ignore[list-item]
        last = stream.get_final_response()
    assert last.output_text == "Both are done."


def test_a_response_is_continued_by_its_id(served: tuple[str, list[dict[str, Any]]]) -> None:
    url, asked = served
    own = client(url)
    first = own.responses.create(model="m", input="go")
    told = {"type": "function_call_output", "call_id": "call_1", "output": "a b"}
    last = own.responses.create(model="m", input=[told], previous_response_id=first.id)  # type: ignore[list-item]
    assert last.output_text == "Both are done."
    assert [each.get("role", each.get("type")) for each in asked[1]["input"]] == [
        "user",
        "function_call",
        "function_call_output",
    ]
    with pytest.raises(BadRequestError, match="'resp_99' not found"):
        own.responses.create(model="m", input="x", previous_response_id="resp_99")


def test_plain_events_of_a_stream_are_those_of_the_api(served: tuple[str, list[dict[str, Any]]]) -> None:
    events = list(client(served[0]).responses.create(model="m", input="go", stream=True))
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_a_refused_or_cut_response_keeps_its_state() -> None:
    refusal: dict[str, Any] = {**MESSAGE, "content": [{"type": "refusal", "refusal": "No."}]}
    kinds = [each["type"] for each in events_of({**response(1, refusal), "status": "incomplete"})]
    assert "response.refusal.delta" in kinds
    assert kinds[-1] == "response.incomplete"


def test_models_and_tokens_are_told_in_each_dialect(served: tuple[str, list[dict[str, Any]]]) -> None:
    url, asked = served
    assert [each.id for each in client(url).models.list()] == ["the-model"]
    assert client(url).models.retrieve("any").id == "the-model"
    listed = asked_for(f"{url}/v1/models?limit=1", **{"anthropic-version": "2023-06-01"})
    assert (listed["data"][0]["type"], listed["has_more"]) == ("model", False)
    assert asked_for(f"{url}/v1beta/models")["models"][0]["name"] == "models/the-model"
    said = {"model": "m", "messages": [{"role": "user", "content": "x" * 400}]}
    assert 100 <= asked_for(f"{url}/v1/messages/count_tokens", said)["input_tokens"] < 130
    assert asked_for(f"{url}/v1beta/models/m:countTokens", {"contents": ["x" * 400]})["totalTokens"] >= 100
    assert asked == []


def test_the_rest_is_passed_on_and_what_there_is_not_is_said(served: tuple[str, list[dict[str, Any]]]) -> None:
    url, asked = served
    assert asked_for(f"{url}/v1/chat/completions", {"messages": []}) == {"passed": "on"}
    request = urllib.request.Request(f"{url}/v1/responses", b'{"input": "go"}', method="POST")  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
        assert len(answer.headers.get_all("content-length")) == 1
    del asked[1:]
    assert asked == [{"messages": []}]
    with pytest.raises(urllib.error.HTTPError) as refused:
        asked_for(f"{url}/v1/embeddings", {"input": "x"})
    assert refused.value.code == 404
    assert f"There is no POST /v1/embeddings here. There is {SERVED}." in refused.value.read().decode()
