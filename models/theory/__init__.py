"""The paper's theory (Section 4, Appendix C): its statements, searched for counterexamples."""
