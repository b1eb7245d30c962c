"""Starting and ending kernels: a client begins when the kernel has said that it can, and an end is seen at once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from nsi.pipeline.kernel_client import PromptClient
from nsi.pipeline.kernels import common_environment, kernel_manager
from nsi.pipeline.warm import ForkedProcess, WarmProcess

linux_only = pytest.mark.skipif(not WarmProcess.possible(), reason="needs Linux: kernels are forked there only")


class Channel:
    """Gives its messages one after the other; where nothing lies ready, it was silent."""

    def __init__(self, *messages: dict[str, Any] | None) -> None:
        self.messages = list(messages)

    async def get_msg(self, timeout: float) -> dict[str, Any]:
        message = self.messages.pop(0) if self.messages else None
        if message is None:
            raise Empty
        return message


def message(asked: str, kind: str, **content: object) -> dict[str, Any]:
    return {"parent_header": {"msg_id": asked}, "msg_type": kind, "content": content}


class Scripted(PromptClient):
    """Asks by the names q1, q2, ... and hears what a test wrote down."""

    def __init__(self, shell: Channel, iopub: Channel, *, alive: bool = True) -> None:
        super().__init__()
        self.heard = {"shell": shell, "iopub": iopub}
        self.asked = 0
        self.told: list[str] = []
        self.alive = alive

    @property
    def shell_channel(self) -> Any:
        return self.heard["shell"]

    @property
    def iopub_channel(self) -> Any:
        return self.heard["iopub"]

    def kernel_info(self, **_: Any) -> str:
        self.asked += 1
        return f"q{self.asked}"

    def _handle_kernel_info_reply(self, reply: dict[str, Any]) -> None:
        self.told.append(reply["parent_header"]["msg_id"])

    async def _async_is_alive(self) -> bool:
        return self.alive


REPLY = "kernel_info_reply"


def test_a_kernel_is_ready_when_it_has_answered_and_is_idle_again_and_what_it_published_is_taken_out():
    iopub = Channel(
        message("", "status", execution_state="starting"),
        message("q1", "status", execution_state="busy"),
        message("q1", "status", execution_state="idle"),
        message("later", "stream"),
    )
    client = Scripted(Channel(message("q1", REPLY)), iopub)
    asyncio.run(client.wait_for_ready(timeout=60))
    assert client.told == ["q1"]
    assert [left["msg_type"] for left in iopub.messages if left] == ["stream"]


def test_where_the_published_part_does_not_come_the_question_is_asked_again_and_old_answers_are_passed_over():
    shell = Channel(message("q1", REPLY), None, message("q2", REPLY), message("q3", REPLY))
    iopub = Channel(None, message("q3", "status", execution_state="idle"))
    client = Scripted(shell, iopub)
    asyncio.run(client.wait_for_ready())
    assert (client.asked, client.told) == (3, ["q3"])


@pytest.mark.parametrize(
    ("alive", "told"),
    [(False, "the kernel died before it could begin"), (True, "the kernel did not answer in 0 seconds")],
)
def test_a_kernel_that_does_not_come_is_told_in_words(alive: bool, told: str):
    client = Scripted(Channel(), Channel(), alive=alive)
    with pytest.raises(RuntimeError, match=f"^{told}$"):
        asyncio.run(client.wait_for_ready(timeout=0))


def test_after_the_start_of_a_real_kernel_nothing_of_its_start_is_left_to_be_taken_for_a_result(tmp_path: Path):
    told = {name: str(tmp_path / name) for name in ("out", "staging", "data_raw")}
    (tmp_path / "run.json").write_text(json.dumps(told), encoding="utf-8")
    environment = {**common_environment(tmp_path / "private"), "NSI_RUN": str(tmp_path / "run.json")}

    async def started(sockets: Path) -> list[str]:
        manager = kernel_manager(environment, sockets, None)()
        await manager.start_kernel(cwd=str(tmp_path))
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=120)
            client.execute("6 * 7")
            kinds = []
            while "execute_result" not in kinds:
                kinds.append((await client.get_iopub_msg(timeout=60))["msg_type"])
            return kinds
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    with tempfile.TemporaryDirectory(prefix="nsi-test-") as folder:  # the name of a socket must be short
        kinds = asyncio.run(started(Path(folder)))
    assert kinds == ["status", "execute_input", "execute_result"]


@linux_only
def test_the_end_of_a_forked_kernel_is_seen_when_it_comes_and_not_before():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        kernel = ForkedProcess(process.pid)
        with pytest.raises(subprocess.TimeoutExpired):
            kernel.wait(timeout=0.01)
        assert kernel.poll() is None
        kernel.kill()
        asyncio.run(asyncio.wait_for(kernel.ended(), 60))
        assert kernel.poll() == kernel.wait() == 1
        asyncio.run(kernel.ended())  # what has ended has ended
