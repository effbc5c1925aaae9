namespace SelfHeal.Lab;

/// <summary>
/// The lab's surroundings are broken: a program did not start, a port was taken, an answer made no sense.
/// </summary>
/// <param name="message">What happened, and what the person in front of it can do.</param>
public sealed class LabException(string message) : Exception(message);
