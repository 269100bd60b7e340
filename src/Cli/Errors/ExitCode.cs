namespace MetaMap.Cli.Errors;

/// <summary>Exit codes of the command.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;
    public const int BadData = 4;
}
