using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Xunit.Abstractions;

namespace MetaMap.Testing;

/// <summary>
/// Throws hostile inputs at a decoder. Each must give a value, which the test then checks, or exactly the one exception
/// that is documented; in bounded memory and in bounded time. A longer run draws new inputs and prints its seed on failure (CsCheck_Seed repeats it).
/// </summary>
/// <param name="output">Hears how many inputs were taken and refused.</param>
internal sealed class Fuzz(ITestOutputHelper output)
{
    private const int SlackBytes = 256 * 1024;
    private static readonly TimeSpan _longestDecode = TimeSpan.FromSeconds(20);

    /// <summary>Bytes that a decoder may allocate per byte of input, besides what a refusal costs.</summary>
    public int BytesPerByte { get; init; } = 64;

    /// <summary>Fuzzes a decoder of bytes.</summary>
    public void Sample<TRefusal>(Gen<byte[]> inputs, Func<byte[], object> decode, Action<object> check, int count) where TRefusal : Exception =>
        Sample<byte[], TRefusal>(inputs, bytes => bytes.Length, Convert.ToHexStringLower, decode, (_, value) => check(value), count);

    /// <summary>Fuzzes a decoder of texts.</summary>
    public void Sample<TRefusal>(Gen<string> inputs, Func<string, object> decode, Action<object> check, int count) where TRefusal : Exception =>
        Sample<string, TRefusal>(inputs, text => text.Length, text => JsonSerializer.Serialize(text), decode, (_, value) => check(value), count);

    /// <summary>Fuzzes a decoder.</summary>
    /// <param name="inputs">Valid and hostile ones.</param>
    /// <param name="lengthBytes">Length of an input.</param>
    /// <param name="print">An input for people.</param>
    /// <param name="decode">Gives a value or throws.</param>
    /// <param name="check">Asserts what holds for a value.</param>
    /// <param name="count">Inputs, unless the environment names a time.</param>
    /// <typeparam name="TInput">What is decoded.</typeparam>
    /// <typeparam name="TRefusal">The one exception.</typeparam>
    public void Sample<TInput, TRefusal>(
        Gen<TInput> inputs, Func<TInput, int> lengthBytes, Func<TInput, string> print, Func<TInput, object> decode,
        Action<TInput, object> check, int count)
        where TRefusal : Exception
    {
        int seconds = int.TryParse(Environment.GetEnvironmentVariable(RepeatableCases.SecondsVariable), CultureInfo.InvariantCulture, out int given) ? given : 0;
        ConcurrentDictionary<int, (TInput Input, long Began)> running = [];
        long taken = 0;
        long refused = 0;
        Task sampling = Task.Run(() => inputs.Repeatable().Sample(
            input =>
            {
                running[Environment.CurrentManagedThreadId] = (input, Stopwatch.GetTimestamp());
                if (Decode<TRefusal>(() => decode(input), lengthBytes(input)) is { } value)
                {
                    check(input, value);
                    Interlocked.Increment(ref taken);
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }

                running.TryRemove(Environment.CurrentManagedThreadId, out _);
            },
            iter: seconds > 0 ? -1 : count, time: seconds > 0 ? seconds : -1, print: print));
        while (!((IAsyncResult)sampling).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(1)))
        {
            foreach ((TInput input, long began) in running.Values)
            {
                Assert.True(Stopwatch.GetElapsedTime(began) < _longestDecode, $"decoding takes longer than {_longestDecode.TotalSeconds} s: {print(input)}");
            }
        }

        sampling.GetAwaiter().GetResult();
        output.WriteLine($"{taken + refused} inputs: {taken} taken, {refused} refused");
        Assert.True(taken > 0 && refused > 0, $"{taken} inputs were taken and {refused} refused: the generator reaches one side only");
    }

    /// <returns>The value; null when it was refused.</returns>
    private object? Decode<TRefusal>(Func<object> decode, int lengthBytes) where TRefusal : Exception
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        object? value = null;
        try
        {
            value = decode();
        }
        catch (TRefusal refusal)
        {
            Assert.NotEmpty(refusal.Message);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(
            allocated <= SlackBytes + ((long)BytesPerByte * lengthBytes), $"{lengthBytes} bytes of input made the decoder allocate {allocated} bytes");
        return value;
    }
}
