using System.Text;

namespace MetaMap.Cli.Tests;

/// <summary>A stream of the console that goes to whoever calls the command in this process. What other tests write meanwhile goes where it always goes.</summary>
/// <param name="others">Where that is.</param>
internal sealed class CallersConsole(TextWriter others) : TextWriter
{
    private readonly AsyncLocal<TextWriter?> _caller = new();

    /// <summary>Receives what this asynchronous call, and all that it starts, writes.</summary>
    public TextWriter Caller
    {
        set => _caller.Value = value;
    }

    /// <inheritdoc />
    public override Encoding Encoding => others.Encoding;

    private TextWriter Target => _caller.Value ?? others;

    /// <inheritdoc />
    public override void Write(char value) => Target.Write(value);

    /// <inheritdoc />
    public override void Write(char[] buffer, int index, int count) => Target.Write(buffer, index, count);

    /// <inheritdoc />
    public override void Write(string? value) => Target.Write(value);

    /// <inheritdoc />
    public override void Flush() => Target.Flush();
}
