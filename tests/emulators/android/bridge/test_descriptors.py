"""Descriptors on the loop: whole bytes, and numbers that are used again by the next without harm."""

import asyncio
import os
import random
import socket

import pytest

from harness.emulators.android.descriptors import Descriptor, finished, unless_gone


async def read_all(source: Descriptor) -> bytes:
    found, buffer = bytearray(), memoryview(bytearray(70_000))
    while count := await source.read_into(buffer):
        found += buffer[:count]
    return bytes(found)


def test_every_byte_goes_through_a_pipe_that_is_too_small() -> None:
    """Both ends wait for each other."""
    data = random.Random(1).randbytes(3_000_000)

    async def run() -> bytes:
        out, in_ = os.pipe()
        with Descriptor(out) as source, Descriptor(in_) as target:

            async def write() -> None:
                assert await target.write(data)
                target.close()

            writing = asyncio.ensure_future(write())
            found = await read_all(source)
            await writing
            return found

    assert asyncio.run(run()) == data


def test_numbers_that_are_used_again_lose_nothing() -> None:
    """Cancelled readers and writers in between, again and again: the stale-number trap."""

    async def run() -> None:
        for round_ in range(200):
            out, in_ = os.pipe()
            with Descriptor(out) as source, Descriptor(in_) as target:
                victims = [
                    asyncio.ensure_future(source.read_into(memoryview(bytearray(1)))),
                    asyncio.ensure_future(target.write(bytes(1 << 20))),
                ]
                await asyncio.sleep(0)
                await finished(*victims)
            data = random.Random(round_).randbytes(100_000)
            out, in_ = os.pipe()
            with Descriptor(out) as source, Descriptor(in_) as target:
                reading = asyncio.ensure_future(read_all(source))
                assert await target.write(data)
                target.close()
                assert await reading == data

    asyncio.run(run())


def test_a_reader_that_has_gone_is_told_not_raised() -> None:
    """For pipes, sockets and terminals."""

    async def run() -> None:
        out, in_ = os.pipe()
        os.close(out)
        with Descriptor(in_) as target:
            assert not await target.write(b"x")
        ours, theirs = socket.socketpair()
        theirs.close()
        with Descriptor(ours.detach()) as target:
            assert not await target.write(b"x")
            assert await target.read_into(memoryview(bytearray(1))) == 0

    asyncio.run(run())


def test_another_error_is_not_swallowed() -> None:
    """Silence about a bad number is how bytes get lost."""

    async def run() -> None:
        out, in_ = os.pipe()
        with Descriptor(out) as source, Descriptor(in_), pytest.raises(OSError, match="Bad file descriptor"):
            await source.write(b"x")  # the reading end

    asyncio.run(run())


def test_work_ends_when_its_client_goes() -> None:
    """And has really ended when the caller knows."""

    async def run() -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ended = []

        async def work() -> None:
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                await asyncio.sleep(0)
                ended.append(True)

        asyncio.get_running_loop().call_soon(gone.set_result, None)
        with pytest.raises(ConnectionResetError):
            await unless_gone(gone, work())
        assert ended == [True]

    asyncio.run(run())


def test_small_writes_leave_together_and_whole() -> None:
    """A program that writes little at a time does not make as many packets; and what there is does not wait."""
    data = random.Random(3).randbytes(400_000)

    async def run() -> list[bytes]:
        out, in_ = os.pipe()
        pieces, buffer = [], memoryview(bytearray(70_000))
        with Descriptor(out) as source, Descriptor(in_) as target:

            async def write() -> None:
                for start in range(0, len(data), 1000):
                    assert await target.write(data[start : start + 1000])
                    await asyncio.sleep(0)
                target.close()

            writing = asyncio.ensure_future(write())
            while count := await source.gather_into(buffer):
                pieces.append(bytes(buffer[:count]))
            await writing
            return pieces

    pieces = asyncio.run(run())
    assert b"".join(pieces) == data
    assert len(pieces) < 200


def test_one_word_is_not_held_back() -> None:
    """Somebody types: each letter leaves although the pipe stays open."""

    async def run() -> list[int]:
        out, in_ = os.pipe()
        buffer = memoryview(bytearray(1000))
        with Descriptor(out) as source, Descriptor(in_) as target:
            counts = []
            for _ in range(3):
                assert await target.write(b"x")
                counts.append(await asyncio.wait_for(source.gather_into(buffer), 1))
            return counts

    assert asyncio.run(run()) == [1, 1, 1]


def test_who_has_said_a_lot_is_left_alone() -> None:
    """They write as they like, and little of it leaves as many packets; the last word is not lost."""
    data = random.Random(4).randbytes(3_000_000)

    async def run() -> list[bytes]:
        out, in_ = os.pipe()
        pieces, buffer = [], memoryview(bytearray(1 << 18))
        with Descriptor(out).grow() as source, Descriptor(in_) as target:

            async def write() -> None:
                for start in range(0, len(data), 4096):
                    assert await target.write(data[start : start + 4096])
                    await asyncio.sleep(0)
                target.close()

            writing = asyncio.ensure_future(write())
            while count := await source.gather_into(buffer):
                pieces.append(bytes(buffer[:count]))
            await writing
            return pieces

    pieces = asyncio.run(run())
    assert b"".join(pieces) == data
    assert len(pieces) < 375
