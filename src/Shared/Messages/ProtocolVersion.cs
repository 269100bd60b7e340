namespace MetaMap.Shared.Messages;

/// <summary>
/// The number that coordinators and workers must share. It rises by one whenever a message gains, loses or changes a
/// field, so that two builds that would misread each other refuse each other at registration instead.
/// </summary>
public static class ProtocolVersion
{
    /// <summary>The version that this build speaks.</summary>
    public const int Current = 10;
}
