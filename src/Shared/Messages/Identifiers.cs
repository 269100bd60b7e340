using System.Security.Cryptography;

namespace MetaMap.Shared.Messages;

/// <summary>Names a run, e.g. <c>glyphs-5w1s-maml-20261123-101500</c>. Letters, digits, dots, hyphens and underscores.</summary>
/// <param name="Value">The text.</param>
public readonly record struct RunId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>Names a worker node: its host name, process id and a random suffix, unique per process start.</summary>
/// <param name="Value">The text.</param>
public readonly record struct WorkerId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>Names an adaptation session: 32 hexadecimal digits that nobody can guess, because whoever knows them may use it.</summary>
/// <param name="Value">The text.</param>
public readonly record struct SessionId(string Value)
{
    /// <summary>A new one.</summary>
    public static SessionId New() => new(RandomNumberGenerator.GetHexString(32, lowercase: true));

    /// <summary>Whether a text can be one.</summary>
    public static bool IsOne(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigitLower);

    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>Names what a run's workers compute together: the round of a training iteration, or an evaluation.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Number">The meta-iteration, or the number of the evaluation within its run; 0 or more.</param>
public readonly record struct RoundId(RoundKind Kind, int Number)
{
    /// <summary>The meta-iteration, or the number of the evaluation within its run; 0 or more.</summary>
    public int Number { get; } = Number >= 0 ? Number : throw new ArgumentOutOfRangeException(nameof(Number), Number, "A round's number is 0 or more.");

    /// <summary>A training iteration, from 1.</summary>
    public static RoundId Iteration(int iteration) => new(RoundKind.Iteration, iteration);

    /// <summary>An evaluation.</summary>
    public static RoundId Evaluation(int number) => new(RoundKind.Evaluation, number);

    /// <summary>True when this is the round of a training iteration.</summary>
    public bool IsIteration(int iteration) => Kind == RoundKind.Iteration && Number == iteration;

    /// <summary>Readable text, e.g. <c>iteration 3</c>.</summary>
    public override string ToString() => $"{(Kind == RoundKind.Iteration ? "iteration" : "evaluation")} {Number}";
}

/// <summary>What a round is for.</summary>
public enum RoundKind
{
    /// <summary>A training iteration: workers answer with gradients.</summary>
    Iteration,

    /// <summary>An evaluation: workers answer with measures.</summary>
    Evaluation,
}

/// <summary>Names one worker's right to compute one block once; inside every lease, and every answer to one.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Round">The training iteration, or the evaluation.</param>
/// <param name="Block">Position of the block in its round, from 0.</param>
/// <param name="Attempt">How many times the block has been leased in its round, from 1.</param>
public readonly record struct LeaseId(RunId RunId, RoundId Round, int Block, int Attempt)
{
    /// <summary>Readable text, e.g. <c>block 2 of iteration 3</c>.</summary>
    public override string ToString() => $"block {Block} of {Round}";
}

/// <summary>Content address of an immutable byte buffer (parameters of one version, or one block's gradient).</summary>
/// <param name="Sha256">SHA-256 of the bytes, hex, lower case.</param>
/// <param name="LengthBytes">Length of the buffer.</param>
public readonly record struct BlobId(string Sha256, int LengthBytes);
